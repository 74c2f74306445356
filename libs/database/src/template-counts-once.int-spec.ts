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

describe.each(engines)('template counts with positions on $engine', ({ url: engineUrl }) => {
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

  const newStream = () => `s${randomUUID().slice(0, 8)}`;
  const countOf = (stream: string, count: number) => [
    { stream, service: 'shop', templateId: 't', modelId: null, bucketMs: 0, count },
  ];
  const total = async (stream: string): Promise<number> =>
    (
      await database.repositories.templateCounts.between({
        stream,
        modelId: null,
        fromMs: 0,
        toMs: 1,
      })
    )[0]?.count ?? 0;

  it('count lines once, however often they come', async () => {
    const { templateCounts } = database.repositories;
    const stream = newStream();
    const lines = (fromOffset: number, nextOffset: number) => ({
      source: stream,
      partition: 0,
      stream,
      fromOffset,
      nextOffset,
    });
    const add = (fromOffset: number, nextOffset: number) =>
      templateCounts.addOnce(
        countOf(stream, nextOffset - fromOffset),
        lines(fromOffset, nextOffset),
        1,
      );
    expect(await add(5, 8)).toBe(true);
    expect(await add(8, 20)).toBe(true);
    expect(await templateCounts.positions(stream, 0)).toEqual(new Map([[stream, 20]]));
    expect(await add(8, 20)).toBe(false);
    expect(await add(15, 25)).toBe(false);
    expect(await total(stream)).toBe(15);
    await templateCounts.forgetPositions(stream, 0);
    expect(await add(0, 2)).toBe(true);
    expect(await total(stream)).toBe(17);
  });

  it('are counted and positioned together or not at all', async () => {
    const stream = newStream();
    const lines = { source: stream, partition: 1, stream, fromOffset: 0, nextOffset: 4 };
    const undone = database.transaction(async ({ templateCounts }) => {
      await templateCounts.addOnce(countOf(stream, 4), lines, 1);
      throw new RangeError('on purpose');
    });
    await expect(undone).rejects.toThrow(RangeError);
    expect(await database.repositories.templateCounts.positions(stream, 1)).toEqual(new Map());
    expect(await total(stream)).toBe(0);
  });
});
