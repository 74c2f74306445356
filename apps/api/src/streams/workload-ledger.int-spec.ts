import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configurationSchema, type ModelMetrics } from '@logbert/contracts';
import { type Database, openDatabase } from '@logbert/database';
import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { StreamsService } from './streams.service';
import { WorkloadLedger } from './workload-ledger';

const METRICS: ModelMetrics = {
  ...{ lines: 1, templates: 1, windows: 1, trimmedWindows: 0, calibrationWindows: 1 },
  ...{ parameters: 1, epochs: 1, loss: 0.5, validationLoss: null, tokensPerSecond: null },
  ...{ trainingSeconds: 1, bytes: 1 },
};

const at = (partition: number, epoch = 1) => ({ stream: 'shop', source: 'logs', partition, epoch });

describe('WorkloadLedger', () => {
  let directory: string;
  let database: Database;
  let streams: StreamsService;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'logbert-workload-'));
    database = await openDatabase({ url: null, directory: join(directory, 'database') });
    streams = new StreamsService(database, configurationSchema.parse({}));
    await streams.ensure('shop');
  });
  afterAll(async () => {
    await database.close();
    await rm(directory, { recursive: true, force: true });
  });
  afterEach(() => void vi.restoreAllMocks());

  const shareOf = async () => (await streams.get('shop')).workloadChange?.unlikeShare;

  it('shows a change with the stream until the work is known again', async () => {
    const ledger = new WorkloadLedger(database);
    for (const share of [undefined, 0.05, 0.3]) ledger.note(at(0), share);
    ledger.note(at(0), 0.6);
    await vi.waitFor(async () => expect(await shareOf()).toBe(0.6));
    const { since } = (await streams.get('shop')).workloadChange ?? {};
    expect(since).toBeGreaterThan(Date.now() - 60_000);
    ledger.note(at(0), 0.2);
    await vi.waitFor(async () => expect(await shareOf()).toBe(0.2));
    expect((await streams.list())[0]?.workloadChange).toEqual({ since, unlikeShare: 0.2 });
    ledger.note(at(0), 0.1);
    await vi.waitFor(async () => expect(await shareOf()).toBeUndefined());
  });

  it('shows the partition with most of it', async () => {
    const ledger = new WorkloadLedger(database);
    ledger.note(at(0), 0.5);
    ledger.note(at(1), 0.9);
    await vi.waitFor(async () => expect(await shareOf()).toBe(0.9));
    ledger.note(at(1), undefined);
    await vi.waitFor(async () => expect(await shareOf()).toBe(0.5));
    ledger.note(at(0), undefined);
    await vi.waitFor(async () => expect(await shareOf()).toBeUndefined());
  });

  it('takes back what a former owner of the partition said', async () => {
    const [former, present] = [new WorkloadLedger(database), new WorkloadLedger(database)];
    former.note(at(0), 0.8);
    await vi.waitFor(async () => expect(await shareOf()).toBe(0.8));
    present.note(at(0, 2), 0.05);
    await vi.waitFor(async () => expect(await shareOf()).toBeUndefined());
  });

  it('says in between what was said before, whoever has the partition', async () => {
    const [former, present] = [new WorkloadLedger(database), new WorkloadLedger(database)];
    former.note(at(0), 0.8);
    await vi.waitFor(async () => expect(await shareOf()).toBe(0.8));
    present.note(at(0, 2), 0.25);
    await vi.waitFor(async () => expect(await shareOf()).toBe(0.25));
    present.note(at(0, 2), 0.1);
    await vi.waitFor(async () => expect(await shareOf()).toBeUndefined());
    const adjust = vi.spyOn(database.repositories.workloadChanges, 'adjust');
    former.note(at(0, 3), 0.25);
    await vi.waitFor(() => expect(adjust).toHaveBeenCalledOnce());
    await adjust.mock.results[0]?.value;
    expect(await shareOf()).toBeUndefined();
  });

  it('says nothing more of the model before when another one scores', async () => {
    const ledger = new WorkloadLedger(database);
    ledger.note(at(0), 0.8);
    await vi.waitFor(async () => expect(await shareOf()).toBe(0.8));
    const { models } = database.repositories;
    await models.register({ id: 'm', stream: 'shop', jobId: null, metrics: METRICS, createdAt: 9 });
    await models.promote('m', 10);
    expect(await shareOf()).toBeUndefined();
  });

  it('says when the database is away, and tries again with the next findings', async () => {
    const warn = vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    const put = vi.spyOn(database.repositories.workloadChanges, 'put');
    put.mockRejectedValueOnce(new Error('gone'));
    const ledger = new WorkloadLedger(database);
    ledger.note(at(3), 0.7);
    await vi.waitFor(() => expect(warn).toHaveBeenCalledOnce());
    ledger.note(at(3), 0.7);
    await vi.waitFor(async () => expect(await shareOf()).toBe(0.7));
    ledger.note(at(3), undefined);
    await vi.waitFor(async () => expect(await shareOf()).toBeUndefined());
  });
});
