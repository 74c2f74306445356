import { existsSync, readdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const MARKER = 'demo-lives-here';

/**
 * Whether the demo may run in a data directory: it is empty or missing, or the demo has run in it before.
 * Asked before anything else is written there.
 */
export function isDemoHome(dataDirectory: string): boolean {
  if (!existsSync(dataDirectory)) return true;
  return existsSync(join(dataDirectory, MARKER)) || readdirSync(dataDirectory).length === 0;
}

/** Remembers that the data of the directory are the demo's. */
export async function markDemoHome(dataDirectory: string): Promise<void> {
  await mkdir(dataDirectory, { recursive: true });
  await writeFile(
    join(dataDirectory, MARKER),
    'This data directory was filled by the demo shop, which goes on at every start with "demo: true".\n',
  );
}
