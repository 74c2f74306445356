import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configurationSchema, streamSettingsSchema } from '@logbert/contracts';
import type { Failure } from '@logbert/failure';
import type { RecordBatch } from '@logbert/log-stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DetectorPool } from './detector-pool';

const { detection } = configurationSchema.parse({ detection: { workers: 2 } });
const knowledge = { settings: streamSettingsSchema.parse({}), model: undefined };

/** A thread that answers orders, dies at the text "die" and says nothing any more at the text "hang". */
const WORKER = `
import { parentPort } from 'node:worker_threads';
const streams = [];
parentPort.on('message', ({ id, order }) => {
  if (order.type === 'stream') streams.push(order.stream);
  const text = order.type === 'accept' ? new TextDecoder().decode(order.groups[0].records.bytes) : '';
  if (text === 'die') process.exit(3);
  if (text === 'hang') for (;;);
  const findings = streams.map((stream) => ({ stream }));
  parentPort.postMessage({ id, ok: true, answer: { partition: order.partition, streams: findings } });
});
`;

describe('DetectorPool', () => {
  let directory: string;
  let file: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'logbert-pool-'));
    file = join(directory, 'worker.mjs');
    await writeFile(file, WORKER);
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  function poolWith(answerWithinMs = 60_000) {
    const losses: number[][] = [];
    const deaths: Failure[] = [];
    const pool = new DetectorPool(
      { file, detection, answerWithinMs },
      () => Promise.resolve(knowledge),
      {
        loss: (_failure, isOfThread) => losses.push([0, 1, 2, 3].filter(isOfThread)),
        death: (failure) => deaths.push(failure),
        modelRefused: () => undefined,
      },
    );
    return { pool, losses, deaths };
  }

  const batch = (partition: number, text: string): RecordBatch => ({
    source: 'logs',
    partition,
    epoch: 1,
    records: [
      {
        stream: 'shop',
        source: 'logs',
        partition,
        offset: 7,
        key: undefined,
        headers: {},
        value: new TextEncoder().encode(text),
        receivedAtMs: 1,
      },
    ],
    firstOffset: 7,
    nextOffset: 8,
    highWatermark: 8,
    signal: new AbortController().signal,
    release: () => undefined,
    goBackTo: () => undefined,
  });

  it.each([
    ['dies', 'die'],
    ['says nothing any more', 'hang'],
  ])('puts another thread in the place of one that %s', async (_case, text) => {
    const { pool, losses, deaths } = poolWith(1_000);
    expect(await pool.accept(batch(0, 'a line'))).toMatchObject({ streams: [{ stream: 'shop' }] });
    await expect(pool.accept(batch(1, text))).rejects.toMatchObject({ retriable: true });
    expect(losses).toEqual([[1, 3]]);
    // The new thread has been told of the stream again, the other one only once.
    for (const partition of [0, 1]) {
      const { streams } = await pool.accept(batch(partition, 'a line'));
      expect(streams.map(({ stream }) => stream)).toEqual(['shop']);
    }
    expect(deaths).toEqual([]);
    await pool.close();
  });

  it('gives up when threads end one after the other', async () => {
    const { pool, losses, deaths } = poolWith();
    for (let loss = 1; loss <= 4; loss++) {
      await expect(pool.accept(batch(0, 'die'))).rejects.toMatchObject({ retriable: true });
    }
    expect(losses).toHaveLength(3);
    expect(deaths).toMatchObject([{ code: 'inference/detector-died' }]);
    await pool.close();
  });
});
