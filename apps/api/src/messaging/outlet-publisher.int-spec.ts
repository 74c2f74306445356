import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { anomalySchema, LIVE_EVENTS, spoolConfigSchema } from '@logbert/contracts';
import { type Database, openDatabase } from '@logbert/database';
import { LogStreamClosedFailure, SpoolLogStream } from '@logbert/log-stream';
import { Logger } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { anomalyOf } from '../testing/anomaly-of';
import { OutletPublisher } from './outlet-publisher';

const WITHIN = { timeout: 10_000 };

describe('OutletPublisher', () => {
  let directory: string;
  let database: Database;
  let stream: SpoolLogStream;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'logbert-outlets-'));
    database = await openDatabase({ url: null, directory: join(directory, 'database') });
    stream = await SpoolLogStream.open(directory, spoolConfigSchema.parse({}));
  });
  afterAll(async () => {
    await stream.close();
    await database.close();
    await rm(directory, { recursive: true, force: true });
  });

  /** As a detector does, and no more: it may die right after. */
  const commit = (...keys: string[]) =>
    database.transaction(async ({ anomalies, events }) => {
      for (const anomaly of await anomalies.record(keys.map((key) => anomalyOf(key)))) {
        const { lines, missing, context, channels, culprits, ...head } = anomaly;
        expect([lines, missing, context, channels, culprits]).toHaveLength(5);
        await events.append({ type: LIVE_EVENTS.anomaly, data: head });
      }
    });
  const published = async () => {
    const file = join(directory, 'outlet', 'anomalies.ndjson');
    const text = await readFile(file, 'utf8').catch(() => '');
    const lines = text.split('\n').filter((line) => line !== '');
    return lines.map((line) => anomalySchema.parse(JSON.parse(line)).windowKey);
  };

  it('publishes what was committed by a process that died before it could', async () => {
    await commit('one', 'two', 'three');
    const publisher = new OutletPublisher(stream, database);
    publisher.onApplicationBootstrap();
    await expect.poll(published, WITHIN).toEqual(['one', 'two', 'three']);
    await commit('four');
    await expect.poll(published, WITHIN).toEqual(['one', 'two', 'three', 'four']);
    await publisher.beforeApplicationShutdown();
  });

  it('is one of several at a time, each message once and in its order', async () => {
    const publishers = [1, 2, 3].map(() => new OutletPublisher(stream, database));
    for (const publisher of publishers) publisher.onApplicationBootstrap();
    for (let count = 0; count < 30; count++) await commit(`burst ${count}`);
    const burst = Array.from({ length: 30 }, (_, count) => `burst ${count}`);
    await expect.poll(published, WITHIN).toEqual(['one', 'two', 'three', 'four', ...burst]);
    await Promise.all(publishers.map((publisher) => publisher.beforeApplicationShutdown()));
  });

  it('leaves the rest to the next process when the stream closes before it', async () => {
    const warn = vi.spyOn(Logger.prototype, 'warn').mockReturnValue();
    const publish = vi.spyOn(stream, 'publish').mockRejectedValue(new LogStreamClosedFailure());
    const publisher = new OutletPublisher(stream, database);
    publisher.onApplicationBootstrap();
    await commit('at the end');
    await vi.waitFor(() => expect(publish).toHaveBeenCalled());
    await publisher.beforeApplicationShutdown();
    expect(warn).not.toHaveBeenCalled();
    vi.restoreAllMocks();

    const next = new OutletPublisher(stream, database);
    next.onApplicationBootstrap();
    await expect.poll(async () => (await published()).at(-1), WITHIN).toBe('at the end');
    await next.beforeApplicationShutdown();
  });
});
