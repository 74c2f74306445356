import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from './database';
import { openDatabase } from './open-database';

const url = process.env['LOGBERT_TEST_POSTGRES'];
const engines = [
  { engine: 'PGlite', url: null },
  ...(url === undefined ? [] : [{ engine: 'PostgreSQL', url }]),
];

describe.each(engines)('states of detectors on $engine', ({ url: engineUrl }) => {
  let directory: string;
  let database: Database;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'logbert-database-'));
    database = await openDatabase({ url: engineUrl, directory: join(directory, 'database') });
  });
  afterAll(async () => {
    await database.close();
    await rm(directory, { recursive: true, force: true });
  });

  const stateAt = (source: string, nextOffset: number) => ({
    source,
    partition: 1,
    nextOffset,
    lowWatermark: nextOffset - 3,
    streams: ['orders'],
    state: Uint8Array.from({ length: 70_000 }, (_, index) => (index * nextOffset) & 255),
  });

  it('are kept byte for byte, the latest of a partition', async () => {
    const { detectorStates } = database.repositories;
    const source = randomUUID();
    expect(await detectorStates.find(source, 1)).toBeUndefined();
    for (const nextOffset of [7, 7, 11]) {
      expect(await detectorStates.save(stateAt(source, nextOffset), 1)).toBe(true);
    }
    const kept = await detectorStates.find(source, 1);
    expect(kept).toMatchObject({ source, partition: 1, nextOffset: 11, streams: ['orders'] });
    expect(Buffer.compare(kept?.state ?? new Uint8Array(), stateAt(source, 11).state)).toBe(0);
    expect(await detectorStates.find(source, 0)).toBeUndefined();
  });

  it('are not replaced by an owner that is late', async () => {
    const { detectorStates } = database.repositories;
    const source = randomUUID();
    await detectorStates.save(stateAt(source, 11), 1);
    expect(await detectorStates.save(stateAt(source, 10), 2)).toBe(false);
    expect(await detectorStates.find(source, 1)).toMatchObject({ nextOffset: 11 });
  });

  it('may say only where to read again from', async () => {
    const { detectorStates } = database.repositories;
    const source = randomUUID();
    await detectorStates.save({ ...stateAt(source, 11), state: null }, 1);
    expect(await detectorStates.find(source, 1)).toMatchObject({ lowWatermark: 8, state: null });
  });

  // A server clears up in its own time.
  it.skipIf(engineUrl !== null)('take no more room however often they are replaced', async () => {
    const { detectorStates } = database.repositories;
    const source = randomUUID();
    const sizes: number[] = [];
    for (let round = 0; round < 4; round++) {
      for (let save = 0; save < 20; save++) await detectorStates.save(stateAt(source, 11), 1);
      await database.vacuum();
      sizes.push(await detectorStates.bytes());
    }
    // What the first round took is used again by the others.
    expect(sizes.at(-1)).toBeLessThan(1.5 * (sizes[0] ?? 0));
  });

  it('are forgotten on request', async () => {
    const { detectorStates } = database.repositories;
    const source = randomUUID();
    await detectorStates.save(stateAt(source, 11), 1);
    await detectorStates.remove(source, 1);
    expect(await detectorStates.save(stateAt(source, 3), 2)).toBe(true);
  });
});
