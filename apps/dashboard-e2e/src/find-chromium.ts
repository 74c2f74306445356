import { existsSync } from 'node:fs';

const USUAL_PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** The browser to test with: `LOGBERT_CHROMIUM`, or one in a usual place. */
export function findChromium(): string | undefined {
  const named = process.env['LOGBERT_CHROMIUM'];
  return [named, ...USUAL_PLACES].find((path) => path !== undefined && existsSync(path));
}
