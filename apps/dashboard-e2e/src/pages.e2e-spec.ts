import { DEMO_STREAM, modelSchema, pageSchema, ROUTES } from '@logbert/contracts';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, openView, type View } from './dashboard';
import { findChromium } from './find-chromium';
import { Program } from './program';
import { keepScreenshot } from './screenshots';

const TRAINED_WITHIN_MS = 120_000;
const API_KEY = 'a-key-for-the-browser-test';

const executablePath = findChromium();

describe.skipIf(executablePath === undefined)('the pages of the dashboard', () => {
  let program: Program;
  let browser: Browser;
  let view: View;

  beforeAll(async () => {
    browser = await launch(executablePath ?? '');
    program = await Program.start({
      LOGBERT__DEMO: 'true',
      LOGBERT__AUTH__APIKEYS: JSON.stringify([API_KEY]),
    });
    view = await openView(browser, program.url);
  });

  afterAll(async () => {
    await browser?.close();
    await program?.stop();
  });

  it('asks for an API key, refuses a wrong one and goes on with the right one', async () => {
    const { page } = view;
    await page.goto('/training');
    const key = page.getByLabel('Key');
    await key.fill('not the key of this server');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('does not know this key').waitFor();
    await key.fill(API_KEY);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('heading', { name: 'Training', level: 1 }).waitFor();
    await page.getByText('Connected').waitFor();
  });

  it('follows the training of the demo to its end without a reload', async () => {
    const { page } = view;
    const card = page.locator('[data-job]').first();
    await card.getByText('succeeded', { exact: true }).waitFor({ timeout: TRAINED_WITHIN_MS });
    await card.getByText('Loss curve').click();
    await card.locator('canvas').waitFor();
  });

  it('trains a second model from the form, and promotes and rolls back versions', async () => {
    const { page } = view;
    await page.getByText('Size of the network').click();
    await page.getByRole('spinbutton', { name: 'Epochs' }).fill('2');
    await page.getByRole('button', { name: 'Start training' }).click();
    await page.locator('[data-job]').nth(1).waitFor();
    const newest = page.locator('[data-job]').first();
    await newest.locator('.succeeded, .failed').waitFor({ timeout: TRAINED_WITHIN_MS });
    expect(await newest.innerText()).toContain('succeeded');
    await keepScreenshot(page, 'training');

    await page.getByRole('link', { name: 'Models' }).first().click();
    await page.getByRole('button', { name: `Promote version 2 of ${DEMO_STREAM}` }).click();
    await page.getByRole('button', { name: `Promote version 1 of ${DEMO_STREAM}` }).waitFor();
    expect(await activeVersion()).toBe(2);
    await keepScreenshot(page, 'models');
    await page.getByRole('button', { name: 'Roll back' }).click();
    await page.getByRole('button', { name: `Promote version 2 of ${DEMO_STREAM}` }).waitFor();
    expect(await activeVersion()).toBe(1);
  });

  it('names the field of a training request that the server refuses', async () => {
    const { page } = view;
    await page.getByRole('link', { name: 'Training' }).first().click();
    await page.getByRole('radio', { name: 'A file on the server' }).click();
    await page.getByRole('textbox', { name: 'Path' }).fill('no-such-file.log');
    await page.getByRole('button', { name: 'Start training' }).click();
    await page.getByRole('alert').locator('li', { hasText: 'no-such-file.log' }).waitFor();
  });

  it.each(['/', '/incidents', '/training', '/models', '/streams', '/no-such-page'])(
    'fits %s into 360 px',
    async (path) => {
      const small = await openView(browser, program.url, { width: 360 });
      await small.page.addInitScript(
        (key) => sessionStorage.setItem('logbert.api-key', key),
        API_KEY,
      );
      await small.page.goto(path);
      await small.page.locator('main h1, main h3').first().waitFor();
      const overflow = await small.page.evaluate(
        () => document.documentElement.scrollWidth - window.innerWidth,
      );
      expect(overflow).toBeLessThanOrEqual(0);
      await small.close();
    },
  );

  it('says that the connection is lost when the server goes', async () => {
    const { page } = view;
    await page.goto('/streams');
    await page.getByRole('heading', { name: DEMO_STREAM }).first().waitFor();
    await program.stop();
    await page.getByText('The connection to the server is lost').waitFor();
  });

  async function activeVersion(): Promise<number | undefined> {
    const headers = { Authorization: `Bearer ${API_KEY}` };
    const answer = await fetch(`${program.url}${ROUTES.models}?stream=${DEMO_STREAM}`, { headers });
    const { items } = pageSchema(modelSchema).parse(await answer.json());
    return items.find(({ isActive }) => isActive)?.version;
  }
});
