import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ArtifactStore, TrainingCheckpoints } from '@logbert/artifact-store';
import {
  problemSchema,
  type Role,
  ROUTES,
  type TrainingJob,
  trainingJobSchema,
} from '@logbert/contracts';
import type { Database } from '@logbert/database';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ARTIFACT_STORE } from '../artifacts/artifact-store.token';
import { DATABASE } from '../storage/database.token';
import { startTestServer, type TestServer } from '../testing/test-server';
import { JobJournal } from './job-journal';
import { queuedJob, startedJob } from './job-progress';

const DEADLINE_MS = 15_000;
/** Does what the file's first line says, and waits for its end if that is nothing else. Its id is its count of lines. */
const CHILD = `
const { readFileSync } = require('node:fs');
process.on('message', (command) => {
  if (command.type === 'cancel') process.exit(0);
  const { source, attempt } = command.order;
  const text = readFileSync(source.path, 'utf8');
  if (text.startsWith('crash')) process.exit(9);
  if (text.startsWith('once') && attempt === 1) process.exit(9);
  if (text.startsWith('refuse')) return process.send(
    { type: 'failed', code: 'a/b', message: 'too few', isRetriable: false }, () => process.exit());
  if (attempt > 1) process.send({ type: 'resumed', resumption: { epoch: 1, refusal: null },
    history: [{ epoch: 1, loss: 0.7, validationLoss: null }] });
  process.send({ type: 'progress', progress: {
    stage: 'training', share: 0.5, lines: process.pid, templates: 1, windows: 1, epoch: 1, epochs: 2,
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
    for (const word of ['crash', 'once', 'refuse']) {
      writeFileSync(join(importDirectory, `${word}.log`), `${word}\n`);
    }
    writeFileSync(join(importDirectory, 'empty.log'), '');
    symlinkSync(join(programs, 'training-process.js'), join(importDirectory, 'link.log'));
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    rmSync(programs, { recursive: true });
  });

  const post = (source: object, options: object = {}, url = server.url) =>
    request(url).post(ROUTES.trainingJobs).send({ stream: 'orders', source, options });
  const start = async (path: string, url?: string): Promise<TrainingJob> =>
    trainingJobSchema.parse((await post({ kind: 'file', path }, {}, url).expect(202)).body);
  const checkpointsOf = ({ application }: TestServer) =>
    new TrainingCheckpoints(application.nest.get<ArtifactStore>(ARTIFACT_STORE));

  async function reached(
    id: string,
    fits: (job: TrainingJob) => boolean,
    url = server.url,
  ): Promise<TrainingJob> {
    const deadline = performance.now() + DEADLINE_MS;
    for (;;) {
      const answer = await request(url).get(ROUTES.trainingJob.replace(':id', id));
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

  it('fails a job whose process crashes in every attempt, with the reason of each', async () => {
    const { id } = await start('crash.log');
    const job = await reached(id, ({ state }) => state === 'failed');
    expect(job).toMatchObject({ attempt: 3, error: { code: 'training/crash' } });
    expect(job.error?.message).toMatch(/3 attempts[\s\S]*exit code 9/);
    expect(job.lostAttempts).toHaveLength(3);
    expect(job.lostAttempts[0]?.reason.message).toContain('exit code 9');
  });

  it('does not repeat an attempt that says itself why it failed', async () => {
    const { id } = await start('refuse.log');
    const job = await reached(id, ({ state }) => state === 'failed');
    expect(job).toMatchObject({ attempt: 1, lostAttempts: [], error: { code: 'a/b' } });
  });

  it('goes on when the process of a job is killed, and shows where', async () => {
    const { id } = await start('wait.log');
    const first = await reached(id, ({ progress }) => progress.stage === 'training');
    expect(first).toMatchObject({ attempt: 1, resumed: null });
    const checkpoints = checkpointsOf(server);
    await checkpoints.save(id, new Uint8Array(3));
    process.kill(first.progress.lines, 'SIGKILL');
    const second = await reached(id, ({ resumed }) => resumed !== null);
    expect(second).toMatchObject({
      state: 'running',
      attempt: 2,
      resumed: { epoch: 1, refusal: null },
      history: [{ epoch: 1, loss: 0.7 }],
      lostAttempts: [{ attempt: 1, reason: { code: 'training/crash' } }],
    });
    expect(second.lostAttempts[0]?.reason.message).toMatch(/SIGKILL.*out of memory/);
    expect(await checkpoints.jobIds()).toContain(id);

    await request(server.url).delete(ROUTES.trainingJob.replace(':id', id)).expect(200);
    await expect.poll(() => checkpoints.jobIds(), { timeout: DEADLINE_MS }).not.toContain(id);
    await reached(id, ({ state }) => state === 'cancelled');
  });

  it('goes on at the next start with what a stopped server leaves, and clears what nobody needs', async () => {
    const dataDirectory = mkdtempSync(join(tmpdir(), 'logbert-stopped-'));
    const roles: Role[] = ['api', 'trainer'];
    const first = await startTestServer({ roles, dataDirectory }, programs);
    await mkdir(first.locations.importDirectory, { recursive: true });
    writeFileSync(join(first.locations.importDirectory, 'wait.log'), 'wait\n');
    const { id } = await start('wait.log', first.url);
    await reached(id, ({ progress }) => progress.stage === 'training', first.url);
    await checkpointsOf(first).save(id, new Uint8Array(3));
    await checkpointsOf(first).save('00000000-0000-4000-8000-000000000000', new Uint8Array(3));
    await first[Symbol.asyncDispose]();

    const second = await startTestServer({ roles, dataDirectory }, programs);
    const job = await reached(id, ({ resumed }) => resumed !== null, second.url);
    expect(job).toMatchObject({
      state: 'running',
      attempt: 2,
      lostAttempts: [{ reason: { code: 'training/stopped' } }],
    });
    const checkpoints = checkpointsOf(second);
    await expect.poll(() => checkpoints.jobIds(), { timeout: DEADLINE_MS }).toEqual([id]);
    await second[Symbol.asyncDispose]();
    rmSync(dataDirectory, { recursive: true });
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

  it('does not stop a job that was begun while a heartbeat was under way', async () => {
    const two = await startTestServer(
      { roles: ['api', 'trainer'], training: { concurrency: 2 } },
      programs,
    );
    await mkdir(two.locations.importDirectory, { recursive: true });
    writeFileSync(join(two.locations.importDirectory, 'wait.log'), 'wait\n');
    const isTraining = ({ progress }: TrainingJob) => progress.stage === 'training';
    const first = await start('wait.log', two.url);
    await reached(first.id, isTraining, two.url);

    const journal = two.application.nest.get(JobJournal);
    const beat = journal.beat.bind(journal);
    let answered = 0;
    let letGo: () => void = () => undefined;
    const waits = new Promise<void>((resolve) => (letGo = resolve));
    vi.spyOn(journal, 'beat').mockImplementation(async () => {
      const held = await beat();
      if (answered++ === 0) await waits;
      return held;
    });
    await expect.poll(() => answered, { timeout: DEADLINE_MS }).toBe(1);
    const second = await start('wait.log', two.url);
    await reached(second.id, isTraining, two.url);
    letGo();
    await expect.poll(() => answered, { timeout: DEADLINE_MS }).toBe(2);
    expect(await reached(second.id, () => true, two.url)).toMatchObject({
      state: 'running',
      attempt: 1,
      lostAttempts: [],
    });
    await two[Symbol.asyncDispose]();
  });

  it('takes up at the next start what a killed server left, and begins a job that waited', async () => {
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
    await trainingJobs.create(running);
    await trainingJobs.take(startedJob(running, 2), 'killed', 60_000);
    await trainingJobs.create(waiting);
    await other.application.close();
    const again = await startTestServer(
      { roles: ['api', 'trainer'], dataDirectory: other.locations.dataDirectory },
      programs,
    );
    // Both were begun: their file is not there.
    const hasFailed = ({ error }: TrainingJob) => error?.code === 'request/invalid';
    expect(await reached(running.id, hasFailed, again.url)).toMatchObject({
      attempt: 2,
      lostAttempts: [{ attempt: 1, reason: { code: 'training/interrupted' } }],
    });
    expect(await reached(waiting.id, hasFailed, again.url)).toMatchObject({ attempt: 1 });
    await again[Symbol.asyncDispose]();
    await other[Symbol.asyncDispose]();
  });
});
