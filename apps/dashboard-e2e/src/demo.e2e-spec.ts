import {
  DEMO_FAULTS,
  type DemoState,
  demoStateSchema,
  incidentSchema,
  pageSchema,
  ROUTES,
} from '@logbert/contracts';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { incidentsCausedBy, launch, openView, type View, waitFor } from './dashboard';
import { findChromium } from './find-chromium';
import { Program } from './program';
import { keepScreenshot } from './screenshots';

const FIRST_INCIDENT_WITHIN_MS = 120_000;
const FAULT_FOUND_WITHIN_MS = 30_000;
const FAULT_ENDS_WITHIN_MS = 40_000;

/** The one that the demo begins with comes last, so that its own incident is over by then. */
const FAULTS = [...DEMO_FAULTS.slice(1), ...DEMO_FAULTS.slice(0, 1)];

const executablePath = findChromium();
if (executablePath === undefined) console.warn('Skipped: no Chromium; set LOGBERT_CHROMIUM.');

describe.skipIf(executablePath === undefined)('the demo on the dashboard', () => {
  let program: Program;
  let browser: Browser;
  let view: View;

  beforeAll(async () => {
    browser = await launch(executablePath ?? '');
    program = await Program.start({ LOGBERT__DEMO: 'true' });
    view = await openView(browser, program.url);
    await view.page.goto('/');
  });

  afterAll(async () => {
    await browser?.close();
    await program?.stop();
  });

  const readDemo = async (): Promise<DemoState> => {
    const answer = await fetch(`${program.url}${ROUTES.demo}`);
    return demoStateSchema.parse(await answer.json());
  };
  const tellIncidents = async (): Promise<string> => {
    const answer = await fetch(`${program.url}${ROUTES.incidents}?limit=12`);
    const { items } = pageSchema(incidentSchema).parse(await answer.json());
    return items
      .map(({ openedAt, state, title, topCause }) =>
        [new Date(openedAt).toISOString(), state, title, topCause?.title ?? 'no cause'].join(' | '),
      )
      .join('\n');
  };
  const quiet = () =>
    waitFor('end of the fault', FAULT_ENDS_WITHIN_MS, async () => {
      const { faults } = await readDemo();
      return faults.every(({ isActive }) => !isActive) ? true : undefined;
    });

  it('pops up the first incident with its cause within 120 s of listening', async () => {
    const left = FIRST_INCIDENT_WITHIN_MS - (Date.now() - program.listeningSince);
    await view.page.locator('[data-popup] .cause').first().waitFor({ timeout: left });
    await keepScreenshot(view.page, 'popup');
  });

  it('tells screen readers of it in an element that takes no room', async () => {
    const { page } = view;
    const announcer = page.locator('.cdk-live-announcer-element', { hasText: /\S/ });
    await announcer.waitFor({ state: 'attached' });
    expect(await announcer.boundingBox()).toMatchObject({ width: 1, height: 1 });
  });

  it('keeps faults for those who ask, when told so', async () => {
    const automatic = view.page.getByRole('switch', { name: 'Faults by themselves' });
    await automatic.click();
    await waitFor('quiet demo', 10_000, async () =>
      (await readDemo()).isAutomatic ? undefined : true,
    );
    expect(await automatic.isChecked()).toBe(false);
  });

  it.each(FAULTS)('finds the service of the fault "%s" within 30 s', async (name) => {
    await quiet();
    const fault = (await readDemo()).faults.find((known) => known.name === name);
    if (fault === undefined) throw new RangeError(`the demo has no fault "${name}"`);
    const { page } = view;
    const before = new Set(await incidentsCausedBy(page, fault.service));

    await page.locator(`[data-fault="${name}"]`).getByRole('switch').click();

    const id = await waitFor(
      `incident caused by ${fault.service}`,
      FAULT_FOUND_WITHIN_MS,
      async () =>
        (await incidentsCausedBy(page, fault.service)).find((known) => !before.has(known)),
      tellIncidents,
    );
    if (name === 'credential-failures') await keepScreenshots(id);
  });

  it('shows no more than three popups, and Escape sends one away for good', async () => {
    const { page } = view;
    const popups = page.locator('[data-popup]');
    await popups.first().waitFor();
    expect(await popups.count()).toBeLessThanOrEqual(3);
    const id = await popups.first().getAttribute('data-popup');
    await page.locator(`[data-popup="${id}"] .dismiss`).focus();
    await page.keyboard.press('Escape');
    await page.locator(`[data-popup="${id}"]`).waitFor({ state: 'detached' });
    await page.reload();
    await page.locator('[data-incident]').first().waitFor();
    expect(await page.locator(`[data-popup="${id}"]`).count()).toBe(0);
  });

  it('explains an incident: cause, evidence, abnormal lines with what was expected', async () => {
    const { page } = view;
    await page.locator('a[data-incident]:has(app-cause-text)').first().click();
    await page.getByRole('heading', { name: 'Most likely cause' }).waitFor();
    const citation = page.locator('app-cause-list app-evidence-links button').first();
    await citation.click();
    const evidence = page.locator('[data-evidence].chosen');
    await evidence.waitFor();
    expect(await evidence.getAttribute('data-evidence')).toBe((await citation.innerText()).trim());
    const lines = page.getByRole('list', { name: 'Lines of the window and around it' });
    await lines.waitFor();
    expect(await lines.locator('li').count()).toBeGreaterThan(0);
    await page.getByText('How each channel judged').waitFor();

    await page.getByRole('button', { name: 'False alarm' }).click();
    await page.getByText('kept as a false alarm').waitFor();
  });

  it('complained about nothing', () => {
    expect(view.complaints).toEqual([]);
  });

  /** The live view and an incident in both schemes, as the README shows them. */
  async function keepScreenshots(id: string): Promise<void> {
    if (process.env['LOGBERT_SCREENSHOTS'] !== '1') return;
    await keepScreenshot(view.page, 'live');
    await view.page.emulateMedia({ colorScheme: 'dark' });
    await keepScreenshot(view.page, 'live-dark');
    await view.page.emulateMedia({ colorScheme: 'light' });

    for (const colorScheme of ['light', 'dark'] as const) {
      const other = await openView(browser, program.url, { colorScheme });
      await other.page.goto(`/incidents/${id}`);
      const abnormal = other.page.locator('app-abnormal-line, .missing').first();
      await abnormal.waitFor();
      // A picture of the incident alone: popups come and go as they like.
      await other.page.addStyleTag({ content: 'app-popup-stack { display: none }' });
      await keepScreenshot(other.page, `incident-${colorScheme}`);
      if (colorScheme === 'light') {
        const list = other.page.locator('app-anomaly-list');
        await list.evaluate((element) => element.scrollIntoView());
        const box = await list.boundingBox();
        if (box !== null) await keepScreenshot(other.page, 'lines', { ...box, height: 640 });
      }
      await other.close();
    }
  }
});
