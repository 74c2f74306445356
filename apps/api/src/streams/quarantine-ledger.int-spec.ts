import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configurationSchema } from '@logbert/contracts';
import { type Database, openDatabase } from '@logbert/database';
import type { GroupingStatus } from '@logbert/template-mining';
import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { QuarantineLedger } from './quarantine-ledger';
import { StreamsService } from './streams.service';

const place = { stream: 'shop', source: 'logs', partition: 2, epoch: 1 };
const reason = { lines: 6_000, created: 5_900, forgotten: 4_900 };
const quarantined = (refusedLines: number): GroupingStatus => ({
  state: 'quarantined',
  reason,
  refusedLines,
  linesLeft: 9,
});

describe('QuarantineLedger', () => {
  let directory: string;
  let database: Database;
  let streams: StreamsService;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'logbert-quarantine-'));
    database = await openDatabase({ url: null, directory: join(directory, 'database') });
    streams = new StreamsService(database, configurationSchema.parse({}));
    await streams.ensure('shop');
  });
  afterAll(async () => {
    await database.close();
    await rm(directory, { recursive: true, force: true });
  });
  afterEach(() => void vi.restoreAllMocks());

  const quarantineOf = async () => (await streams.get('shop')).quarantine;

  it('shows a quarantine with the stream until it ends, with all of its lines', async () => {
    const ledger = new QuarantineLedger(database);
    ledger.note(place, { state: 'grouping' });
    for (const lines of [1, 20, 300]) ledger.note(place, quarantined(lines));
    await vi.waitFor(async () => expect((await quarantineOf())?.lines).toBe(300));
    expect(await quarantineOf()).toMatchObject({
      partitions: 1,
      reason: expect.stringContaining('5900 of 6000 lines (98 %)'),
    });
    ledger.note(place, { state: 'grouping' });
    await vi.waitFor(async () => expect(await quarantineOf()).toBeNull());
  });

  it('takes back what a former owner of the partition said', async () => {
    const [former, present] = [new QuarantineLedger(database), new QuarantineLedger(database)];
    former.note(place, quarantined(3));
    await vi.waitFor(async () => expect(await quarantineOf()).not.toBeNull());
    present.note({ ...place, epoch: 2 }, { state: 'grouping' });
    await vi.waitFor(async () => expect(await quarantineOf()).toBeNull());
    former.note({ ...place, epoch: 3 }, quarantined(3));
    await vi.waitFor(async () => expect((await quarantineOf())?.lines).toBe(3));
    former.note({ ...place, epoch: 3 }, { state: 'grouping' });
    await vi.waitFor(async () => expect(await quarantineOf()).toBeNull());
  });

  it('says when the database is away, and tries again with the next findings', async () => {
    const warn = vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    const put = vi.spyOn(database.repositories.quarantines, 'put');
    put.mockRejectedValueOnce(new Error('gone'));
    const ledger = new QuarantineLedger(database);
    ledger.note(place, quarantined(4));
    await vi.waitFor(() => expect(warn).toHaveBeenCalledOnce());
    ledger.note(place, quarantined(4));
    await vi.waitFor(async () => expect((await quarantineOf())?.lines).toBe(4));
  });
});
