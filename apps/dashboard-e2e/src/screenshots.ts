import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page, PageScreenshotOptions } from 'playwright-core';
import { REPOSITORY } from './repository';

const IMAGES = join(REPOSITORY, 'docs/images');
const LARGEST_BYTES = 300_000;

type Clip = NonNullable<PageScreenshotOptions['clip']>;

/**
 * Keeps what the page shows for the README; does nothing unless `LOGBERT_SCREENSHOTS` is 1.
 *
 * @param clip part of the window; without it the whole
 */
export async function keepScreenshot(page: Page, name: string, clip?: Clip): Promise<void> {
  if (process.env['LOGBERT_SCREENSHOTS'] !== '1') return;
  await mkdir(IMAGES, { recursive: true });
  const path = join(IMAGES, `${name}.png`);
  await page.screenshot({ path, animations: 'disabled', ...(clip ? { clip } : {}) });
  const { size } = await stat(path);
  if (size > LARGEST_BYTES) throw new RangeError(`${name}.png has ${size} bytes`);
}
