import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

const DESKTOP = { width: 1440, height: 900 };

export interface View {
  readonly page: Page;
  /** What the browser complained about: errors on the console and thrown in the page. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

export function launch(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-background-networking', '--disable-gpu'],
  });
}

export async function openView(
  browser: Browser,
  baseURL: string,
  options: { readonly colorScheme?: 'light' | 'dark'; readonly width?: number } = {},
): Promise<View> {
  const { colorScheme = 'light', width = DESKTOP.width } = options;
  const context: BrowserContext = await browser.newContext({
    baseURL,
    colorScheme,
    viewport: { width, height: DESKTOP.height },
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  return { page, complaints, close: () => context.close() };
}

/** Ids of the incidents in the live page's feed whose likely cause is a service. */
export async function incidentsCausedBy(page: Page, service: string): Promise<readonly string[]> {
  return page
    .locator('a[data-incident]')
    .evaluateAll(
      (links, name) =>
        links
          .filter((link) => link.querySelector('app-cause-text b')?.textContent === name)
          .map((link) => link.getAttribute('data-incident') ?? ''),
      service,
    );
}

/**
 * Waits, looking now and then, until `look` gives something.
 *
 * @param explain what is said when it does not come in time
 */
export async function waitFor<Found>(
  what: string,
  withinMs: number,
  look: () => Promise<Found | undefined>,
  explain: () => Promise<string> = () => Promise.resolve(''),
): Promise<Found> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > deadline) {
      throw new Error(`no ${what} within ${withinMs} ms\n${await explain()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
