import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { problemSchema, ROUTES, type TrainingJob, trainingJobSchema } from '@logbert/contracts';
import type { Database } from '@logbert/database';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DATABASE } from '../storage/database.token';
import { startTestServer, type TestServer } from '../testing/test-server';
import { queuedJob, startedJob } from './job-progress';

const DEADLINE_MS = 15_000;
/** Waits for its end, or fails at once when the file's first line says so. */
const CHILD = `
const { readFileSync } = require('node:fs');
process.on('message', (command) => {
  if (command.type === 'cancel') process.exit(0);
  const text = readFileSync(command.order.source.path, 'utf8');
  if (text.startsWith('crash')) process.exit(9);
  process.send({ type: 'progress', progress: {
    stage: 'training', share: 0.5, lines: 1, templates: 1, windows: 1, epoch: 1, epochs: 2,
    loss: 0.5, validationLoss: null, tokensPerSecond: 10, etaSeconds: 1 } });
});
process.on('disconnect', () => process.exit(1));
process.send({ type: 'ready' });
`;

describe('training jobs', () => {
  let server: TestServer;
  let programs: string;

  beforeAll(async () => {
    programs = mkdtempSync(join(tmpdir(), 'logbert-programs-'));
    writeFileSync(join(programs, 'training-process.js'), CHILD);
    server = await startTestServer({ roles: ['api', 'trainer'] }, programs);
    const { importDirectory } = server.locations;
    await mkdir(importDirectory, { recursive: true });
    writeFileSync(join(importDirectory, 'wait.log'), 'wait\n');
    writeFileSync(join(importDirectory, 'crash.log'), 'crash\n');
    writeFileSync(join(importDirectory, 'empty.log'), '');
    symlinkSync(join(programs, 'training-process.js'), join(importDirectory, 'link.log'));
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    rmSync(programs, { recursive: true });
  });

  const post = (source: object, options: object = {}) =>
    request(server.url).post(ROUTES.trainingJobs).send({ stream: 'orders', source, options });
  const start = async (path: string): Promise<TrainingJob> =>
    trainingJobSchema.parse((await post({ kind: 'file', path }).expect(202)).body);

  async function reached(id: string, fits: (job: TrainingJob) => boolean): Promise<TrainingJob> {
    const deadline = performance.now() + DEADLINE_MS;
    for (;;) {
      const answer = await request(server.url).get(ROUTES.trainingJob.replace(':id', id));
      const job = trainingJobSchema.parse(answer.body);
      if (fits(job)) return job;
      if (performance.now() > deadline) throw new Error(`still ${JSON.stringify(job)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  it.each([
    ['a path out of the folder', { kind: 'file', path: '../database/PG_VERSION' }, 'source.path'],
    ['an absolute path', { kind: 'file', path: '/etc/passwd' }, 'source.path'],
    ['a link out of the folder', { kind: 'file', path: 'link.log' }, 'source.path'],
    ['a folder', { kind: 'file', path: '.' }, 'source.path'],
    ['a file that is not there', { kind: 'file', path: 'nothing.log' }, 'source.path'],
    ['an empty file', { kind: 'file', path: 'empty.log' }, 'source.path'],
    ['an upload that is not there', { kind: 'upload', uploadId: '../x' }, 'source.uploadId'],
    ['an end before the beginning', { kind: 'stream', fromMs: 2, toMs: 1 }, 'source.toMs'],
  ])('refuses %s by its field', async (_case, source, field) => {
    const answer = await post(source).expect(400);
    expect(problemSchema.parse(JSON.parse(answer.text)).errors?.[0]?.field).toBe(field);
  });

  it('refuses a network whose sizes do not fit each other', async () => {
    const answer = await post({ kind: 'file', path: 'wait.log' }, { hidden: 30, heads: 4 });
    expect(answer.status).toBe(400);
    expect(problemSchema.parse(JSON.parse(answer.text)).errors?.[0]?.field).toBe('options.heads');
  });

  it('fails a job whose process crashes, with the reason', async () => {
    const { id } = await start('crash.log');
    const job = await reached(id, ({ state }) => state === 'failed');
    expect(job.error).toMatchObject({ code: 'training/crash' });
    expect(job.error?.message).toContain('exit code 9');
  });

  it('shows progress, lets a second job wait, and cancels both', async () => {
    const first = await start('wait.log');
    const second = await start('wait.log');
    const running = await reached(first.id, ({ progress }) => progress.stage === 'training');
    expect(running).toMatchObject({ state: 'running', progress: { loss: 0.5 } });
    await reached(second.id, ({ state }) => state === 'queued');

    for (const { id } of [second, first]) {
      await request(server.url).delete(ROUTES.trainingJob.replace(':id', id)).expect(200);
      await reached(id, ({ state }) => state === 'cancelled');
      await request(server.url).delete(ROUTES.trainingJob.replace(':id', id)).expect(409);
    }
  });

  it('says at the next start that a job was interrupted, and begins one that waited', async () => {
    const jobs = ['0', '1'].map((digit) =>
      queuedJob(
        `${digit.repeat(8)}-0000-4000-8000-000000000000`,
        { stream: 'orders', source: { kind: 'file', path: 'nothing.log' }, options: {} },
        1,
      ),
    );
    const [running, waiting] = jobs as [TrainingJob, TrainingJob];
    const other = await startTestServer({ roles: ['api'] });
    const { trainingJobs } = other.application.nest.get<Database>(DATABASE).repositories;
    await trainingJobs.create(startedJob(running, 2));
    await trainingJobs.create(waiting);
    await other.application.close();
    const again = await startTestServer(
      { roles: ['api', 'trainer'], dataDirectory: other.locations.dataDirectory },
      programs,
    );
    const errorOf = async ({ id }: TrainingJob) => {
      const answer = await request(again.url).get(ROUTES.trainingJob.replace(':id', id));
      return trainingJobSchema.parse(answer.body).error?.code;
    };
    expect(await errorOf(running)).toBe('training/interrupted');
    // It was begun: its file is not there.
    await expect.poll(() => errorOf(waiting), { timeout: DEADLINE_MS }).toBe('request/invalid');
    await again[Symbol.asyncDispose]();
    await other[Symbol.asyncDispose]();
  });
});
