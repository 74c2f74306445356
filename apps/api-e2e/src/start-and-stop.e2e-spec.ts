import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  incidentSchema,
  ingestReceiptSchema,
  LIVE_EVENTS,
  pageSchema,
  ROUTES,
  streamSchema,
  trainingJobSchema,
  uploadSchema,
} from '@logbert/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EventStream } from './event-stream';
import { ask, askRefused, eventually, json } from './http';
import { OrderLogs } from './order-logs';
import { Server } from './server';

const PROGRAM = fileURLToPath(new URL('../../../dist/apps/api/main.js', import.meta.url));

/** Runs the program until it ends by itself. */
async function run(environment: Record<string, string>, ...flags: string[]) {
  const child = spawn(process.execPath, [PROGRAM, ...flags], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const [code] = (await once(child, 'exit')) as [number | null];
  return { code, errors };
}

describe('a wrong configuration', () => {
  it('stops the program with the name, the reason and the source of each wrong key', async () => {
    const { code, errors } = await run({ LOGBERT__SERVER__PROT: '1' }, '--log.level=loud');
    expect(code).toBe(2);
    expect(errors).toContain('server.prot: unknown key (LOGBERT__SERVER__PROT)');
    expect(errors).toMatch(/log\.level: .*\(command line\)/);
  });

  it('stops the program for a profile that does not exist', async () => {
    const { code, errors } = await run({ LOGBERT_PROFILE: 'nowhere' });
    expect(code).toBe(2);
    expect(errors).toContain('nowhere.yaml');
  });
});

it('ends with the program that started it', async () => {
  await using server = await Server.start();
  expect(await server.abandon()).toBe(0);
});

it.each(['pretty', 'json'])('outlives the reader of its %s log', async (format) => {
  await using server = await Server.start({ environment: { LOGBERT__LOG__FORMAT: format } });
  server.hangUp();
  // Training tells of its beginning and end.
  const { uploadId } = await ask(`${server.url}${ROUTES.uploads}`, uploadSchema, {
    method: 'POST',
    body: new OrderLogs(3).ordinary(5, Date.now(), 5),
    status: 201,
  });
  const { id } = await ask(`${server.url}${ROUTES.trainingJobs}`, trainingJobSchema, {
    ...json('POST', { stream: 'few', source: { kind: 'upload', uploadId } }),
    status: 202,
  });
  await eventually(
    () => ask(`${server.url}${ROUTES.trainingJob.replace(':id', id)}`, trainingJobSchema),
    ({ finishedAt }) => finishedAt !== null,
    { withinMs: 30_000 },
  );
  expect((await server.stop()).code).toBe(0);
});

describe('a data directory', () => {
  let dataDirectory: string;

  beforeAll(async () => {
    dataDirectory = await mkdtemp(join(tmpdir(), 'logbert-e2e-'));
  });
  afterAll(() => rm(dataDirectory, { recursive: true, force: true }));

  it('keeps what was acknowledged when the program is killed', async () => {
    const first = await Server.start({ dataDirectory });
    const receipt = await ask(`${first.url}${ROUTES.logs}?stream=kept`, ingestReceiptSchema, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: 'one\ntwo\n',
      status: 202,
    });
    expect(receipt.accepted).toBe(2);
    await first.stop('SIGKILL');

    await using second = await Server.start({ dataDirectory });
    const streams = await ask(`${second.url}${ROUTES.streams}`, pageSchema(streamSchema));
    expect(streams.items.map(({ name }) => name)).toContain('kept');
    await using events = await EventStream.open(`${second.url}${ROUTES.events}`);
    await events.find(LIVE_EVENTS.throughput, ({ stream }) => stream === 'kept', {
      withinMs: 15_000,
    });
  });

  it('goes on with a job after a crash, tells that an attempt was lost, and cancels it on request', async () => {
    const first = await Server.start({ dataDirectory });
    const { uploadId } = await ask(`${first.url}${ROUTES.uploads}`, uploadSchema, {
      method: 'POST',
      body: new OrderLogs(2).ordinary(8_000, Date.now(), 5),
      status: 201,
    });
    const request = {
      stream: 'jobs',
      source: { kind: 'upload', uploadId },
      options: { epochs: 400, hidden: 64 },
    };
    const post = (url: string) =>
      ask(`${url}${ROUTES.trainingJobs}`, trainingJobSchema, {
        ...json('POST', request),
        status: 202,
      });
    const crashed = await post(first.url);
    await using firstEvents = await EventStream.open(`${first.url}${ROUTES.events}`);
    const isRunning = (id: string) =>
      [
        ({ id: other, state }: { id: string; state: string }) =>
          other === id && state === 'running',
        { withinMs: 15_000 },
      ] as const;
    await firstEvents.find(LIVE_EVENTS.training, ...isRunning(crashed.id));
    await first.stop('SIGKILL');

    await using second = await Server.start({ dataDirectory });
    const job = (id: string) => `${second.url}${ROUTES.trainingJob.replace(':id', id)}`;
    const again = await eventually(
      () => ask(job(crashed.id), trainingJobSchema),
      ({ state, attempt }) => state === 'running' && attempt === 2,
      { withinMs: 30_000 },
    );
    expect(again.lostAttempts).toMatchObject([{ attempt: 1 }]);

    await ask(job(crashed.id), trainingJobSchema, { method: 'DELETE' });
    await askRefused(job(crashed.id), 409, { method: 'DELETE' });
    expect(await ask(job(crashed.id), trainingJobSchema)).toMatchObject({ state: 'cancelled' });
  });

  it('refuses a source with too few windows by telling how many it needs', async () => {
    await using server = await Server.start({ dataDirectory });
    const { uploadId } = await ask(`${server.url}${ROUTES.uploads}`, uploadSchema, {
      method: 'POST',
      body: new OrderLogs(3).ordinary(5, Date.now(), 5),
      status: 201,
    });
    await using events = await EventStream.open(`${server.url}${ROUTES.events}`);
    const request = { stream: 'few', source: { kind: 'upload', uploadId } };
    const { id } = await ask(`${server.url}${ROUTES.trainingJobs}`, trainingJobSchema, {
      ...json('POST', request),
      status: 202,
    });
    const failed = await events.find(
      LIVE_EVENTS.training,
      (job) => job.id === id && job.finishedAt !== null,
      { withinMs: 30_000 },
    );
    expect(failed.state).toBe('failed');
    expect(failed.error).toMatchObject({ code: 'pipeline/training-source' });
    expect(failed.error?.message).toMatch(/\d/);
    const incidents = await ask(`${server.url}${ROUTES.incidents}`, pageSchema(incidentSchema));
    expect(incidents.items).toEqual([]);
  });
});
