import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configurationSchema, streamSettingsSchema } from '@logbert/contracts';
import { type Database, openDatabase } from '@logbert/database';
import type { RawRecord } from '@logbert/log-stream';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { LineGroups } from './line-groups';

const recordOf = (stream: string, value: string): RawRecord => ({
  stream,
  source: 'logs',
  partition: 0,
  offset: 0,
  key: undefined,
  headers: {},
  value: Buffer.from(value),
  receivedAtMs: 1,
});

describe('LineGroups', () => {
  let directory: string;
  let database: Database;
  const configuration = configurationSchema.parse({
    streams: { shop: { sessionKey: { fields: ['order'] } } },
  });
  const line = '{"service":"cart","request_id":"r-1","order":"o-1","message":"added"}';

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'logbert-groups-'));
    database = await openDatabase({ url: null, directory: join(directory, 'database') });
  });
  afterAll(async () => {
    await database.close();
    await rm(directory, { recursive: true, force: true });
  });
  afterEach(() => void vi.useRealTimers());

  it('goes by what is configured for a stream that nobody has met yet, and does not make it', async () => {
    const groups = new LineGroups(database, configuration);
    const records = [recordOf('shop', line), recordOf('other', line), recordOf('other', ' ')];
    expect(await groups.keysOf(records)).toEqual(['o-1', 'r-1', undefined]);
    expect(await database.repositories.streams.count()).toBe(0);
  });

  it('goes by changed settings soon', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const groups = new LineGroups(database, configuration);
    const keys = () => groups.keysOf([recordOf('changing', line)]);
    expect(await keys()).toEqual(['r-1']);
    const settings = streamSettingsSchema.parse({ sessionKey: { fields: ['order'] } });
    await database.repositories.streams.upsert('changing', settings, Date.now());
    vi.setSystemTime(Date.now() + 3_000);
    expect(await keys()).toEqual(['o-1']);
  });
});
