import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { streamSettingsSchema } from '@logbert/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from './database';
import { openDatabase } from './open-database';

const url = process.env['LOGBERT_TEST_POSTGRES'];
const engines = [
  { engine: 'PGlite', url: null },
  ...(url === undefined ? [] : [{ engine: 'PostgreSQL', url }]),
];

describe.each(engines)('lines in quarantine on $engine', ({ url: engineUrl }) => {
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

  it('are shown with their stream: how many, since when and why', async () => {
    const { streams, quarantines } = database.repositories;
    const settings = streamSettingsSchema.parse({});
    const newStream = () => `s${randomUUID().slice(0, 8)}`;
    const [name, other] = [newStream(), newStream()];
    for (const stream of [name, other]) await streams.upsert(stream, settings, 7);
    const quarantineOf = async () => (await streams.find(name))?.quarantine;
    const place = (partition: number) => ({ stream: name, source: 'logs', partition });
    await quarantines.put(place(0), { lines: 3, reason: 'churn' }, 20);
    expect(await quarantineOf()).toEqual({ since: 20, lines: 3, reason: 'churn', partitions: 1 });
    await quarantines.put(place(1), { lines: 9, reason: 'more churn' }, 30);
    await quarantines.put(place(0), { lines: 5, reason: 'churn' }, 40);
    const both = { since: 20, lines: 14, reason: 'more churn', partitions: 2 };
    expect(await quarantineOf()).toEqual(both);
    const list = await streams.list();
    expect(list.find((stream) => stream.name === name)?.quarantine).toEqual(both);
    expect(list.find((stream) => stream.name === other)?.quarantine).toBeNull();
    for (const partition of [0, 1, 1]) await quarantines.remove(place(partition));
    expect(await quarantineOf()).toBeNull();
  });
});
