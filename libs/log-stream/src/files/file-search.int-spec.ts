import { type FileHandle, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NO_HEAD, readAt } from './file-content';
import { findState, openStretch } from './file-search';
import type { Stretch } from './partition-history';

const SEARCHES = 300;
const NAMES = ['app.log', 'app.log.1', 'app.log.2', 'app.log.3', 'app.log.4', 'app.log.5'] as const;

describe('the search for a file that is renamed', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'logbert-search-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  it('finds it in the middle of a rotation, and never another file that has its name by then', async () => {
    const path = join(directory, NAMES[0]);
    await writeFile(path, 'the file that is looked for\n');
    const stretch = await stretchOf(path);
    const found: (string | undefined)[] = [];
    for (let search = 0; search < SEARCHES; search++) {
      const rotating = rotate();
      const opened = await openStretch(path, stretch, undefined);
      found.push(opened && (await firstLineOf(opened.handle)));
      await rotating;
    }
    expect(found).toEqual(Array.from(found, () => 'the file that is looked for'));
  });

  /** Gives each file the name of the next older one; the oldest becomes the log again. */
  async function rotate(): Promise<void> {
    const places = NAMES.map((name) => join(directory, name));
    const ages = places.slice(0, -1).map((place, age) => [place, places[age + 1]] as const);
    for (const [younger, older = ''] of ages.toReversed()) {
      await rename(younger, older).catch(() => undefined);
    }
    const [log = '', oldest = ''] = [places[0], places.at(-1)];
    await rename(oldest, log).catch(() => writeFile(log, 'another file\n'));
  }

  async function stretchOf(path: string): Promise<Stretch> {
    const state = await findState(path);
    if (!state) throw new Error(`${path} is not there`);
    const { device, inode, modifiedMs } = state;
    const place = { directory, name: 'app.log', firstLine: 0, firstByte: 0 };
    return { device, inode, modifiedMs, ...place, head: NO_HEAD };
  }
});

async function firstLineOf(handle: FileHandle): Promise<string> {
  try {
    return (await readAt(handle, 0, 1_000)).toString().trimEnd();
  } finally {
    await handle.close();
  }
}
