import { appendFile, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  anomalySchema,
  LIVE_EVENTS,
  pageSchema,
  ROUTES,
  streamSchema,
  streamSettingsSchema,
  trainingJobSchema,
} from '@logbert/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EventStream } from './event-stream';
import { ask, eventually, json } from './http';
import { sumOf } from './metric-series';
import { OrderLogs } from './order-logs';
import { Server } from './server';

const STREAM = 'orders';
const WITHIN_MS = 60_000;
const TRAINED_WITHIN_MS = 120_000;

/** One story: each step needs the ones before it. */
describe('a log file that is followed', () => {
  let folder: string;
  let log: string;
  let server: Server;
  let written = 0;
  const startedAt = Date.now();
  const logs = new OrderLogs(3);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'logbert-e2e-logs-'));
    log = join(folder, 'orders.log');
    const files = [{ path: join(folder, '*.log'), stream: STREAM }];
    server = await Server.start({
      environment: { LOGBERT__LOGSTREAM__FILES: JSON.stringify(files) },
    });
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  const write = async (lines: string) => {
    await appendFile(log, lines);
    written += lines.trim().split('\n').length;
  };
  const untilProcessed = () =>
    eventually(
      () => sumOf(server.url, 'logbert_lines_processed_total'),
      (processed) => processed === written,
      { withinMs: WITHIN_MS },
    );

  it('has its lines taken in, through a rotation, and none of them twice', async () => {
    const settings = streamSettingsSchema.parse({
      window: { kind: 'session', idleMs: 1_000, maxLength: 32 },
    });
    const url = server.url + ROUTES.stream.replace(':name', STREAM);
    await ask(url, streamSchema, json('PUT', settings));
    await write(logs.ordinary(400, startedAt - 600_000, 500));
    await untilProcessed();
    await rename(log, `${log}.1`);
    await write(logs.ordinary(400, startedAt - 400_000, 500));
    await untilProcessed();
    await eventually(
      () => sumOf(server.url, 'logbert_consumer_lag_records'),
      (lag) => lag === 0,
      { withinMs: WITHIN_MS },
    );
  });

  it('is trained on as the past of its stream', async () => {
    await using events = await EventStream.open(`${server.url}${ROUTES.events}`);
    const request = {
      stream: STREAM,
      source: { kind: 'stream', fromMs: startedAt, toMs: Date.now() },
      options: { epochs: 3, hidden: 32, layers: 1, heads: 2 },
    };
    const { id } = await ask(`${server.url}${ROUTES.trainingJobs}`, trainingJobSchema, {
      ...json('POST', request),
      status: 202,
    });
    const job = await events.find(
      LIVE_EVENTS.training,
      (seen) => seen.id === id && seen.finishedAt !== null,
      { withinMs: TRAINED_WITHIN_MS },
    );
    expect(job.error).toBeNull();
    expect(job.progress?.lines).toBe(written);
  });

  it('gives the anomaly that is written to it', async () => {
    await write(logs.failing(1, Date.now(), 20));
    const url = `${server.url}${ROUTES.anomalies}?stream=${STREAM}`;
    const { items } = await eventually(
      () => ask(url, pageSchema(anomalySchema)),
      (page) => page.items.some(({ modelId }) => modelId !== null),
      { withinMs: WITHIN_MS },
    );
    const raw = items.flatMap(({ lines }) => lines.map((line) => line.raw));
    expect(raw).toContainEqual(expect.stringContaining('circuit is open'));
  });
});
