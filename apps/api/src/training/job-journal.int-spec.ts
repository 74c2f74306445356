import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TrainingJob } from '@logbert/contracts';
import { type Database, openDatabase } from '@logbert/database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Meters } from '../metrics/meters';
import { JobJournal } from './job-journal';
import {
  failedJob,
  lostJob,
  queuedJob,
  SERVER_LOST,
  succeededJob,
  withProgress,
} from './job-progress';
import { JobTakenFailure } from './training-failures';

const url = process.env['LOGBERT_TEST_POSTGRES'];
const engines = [
  { engine: 'PGlite', url: null },
  ...(url === undefined ? [] : [{ engine: 'PostgreSQL', url }]),
];

describe.each(engines)('the journals of two trainers on $engine', ({ url: engineUrl }) => {
  let directory: string;
  let database: Database;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'logbert-journal-'));
    database = await openDatabase({ url: engineUrl, directory });
  });
  afterAll(async () => {
    await database.close();
    await rm(directory, { recursive: true, force: true });
  });

  async function queued(): Promise<string> {
    const id = randomUUID();
    const source = { kind: 'file', path: 'a.log' } as const;
    await database.repositories.trainingJobs.create(
      queuedJob(id, { stream: 'orders', source, options: {} }, 1),
    );
    return id;
  }
  const find = (id: string) => database.repositories.trainingJobs.find(id);
  const stateOf = async (id: string) => (await find(id))?.state;
  const journals = () =>
    [new JobJournal(database, new Meters()), new JobJournal(database, new Meters())] as const;

  it('give a job to one of them, and leave it alone while its trainer lives', async () => {
    const [one, other] = journals();
    const id = await queued();
    const claims = await Promise.all([one.claim(id), other.claim(id)]);
    expect(claims.filter((claim) => claim !== undefined)).toHaveLength(1);
    await one.takeBack(false);
    await other.takeBack(false);
    expect(await stateOf(id)).toBe('running');
    const held = [await one.beat(), await other.beat()].filter((ids) => ids.has(id));
    expect(held).toHaveLength(1);
  });

  /** The job's attempt, claimed by one that is not heard of any more. */
  async function abandoned(journal: JobJournal, id: string): Promise<TrainingJob> {
    const job = await journal.claim(id);
    if (!job) throw new Error('the job was not there to be taken');
    await database.repositories.trainingJobs.take(job, 'silent', -1);
    return job;
  }

  it('put a job back once its trainer has been silent, whose end then changes nothing', async () => {
    const [silent, other] = journals();
    const id = await queued();
    const job = await abandoned(silent, id);
    await other.takeBack(false);
    const waiting = await find(id);
    expect(waiting).toMatchObject({ state: 'queued', attempt: 1, progress: { stage: 'queued' } });
    expect(waiting?.lostAttempts).toMatchObject([
      { attempt: 1, reason: { code: 'training/interrupted' }, epoch: 0 },
    ]);
    expect(await other.claim(id)).toMatchObject({
      state: 'running',
      attempt: 2,
      startedAt: job.startedAt,
    });

    expect((await silent.beat()).has(id)).toBe(false);
    await expect(silent.end(succeededJob(job, { modelId: 'm', warning: null }, 1))).rejects.toThrow(
      JobTakenFailure,
    );
    const { trainingJobs } = database.repositories;
    expect(await trainingJobs.saveHeld(withProgress(job, job.progress), 'silent')).toBe(false);
    await other.end(failedJob({ ...job, attempt: 2 }, { code: 'a/b', message: 'no lines' }, 1));
    expect(await find(id)).toMatchObject({ state: 'failed', attempt: 2, error: { code: 'a/b' } });
  });

  it('do not take a former attempt of their own for the present one', async () => {
    const [journal] = journals();
    const id = await queued();
    const first = await journal.claim(id);
    if (!first) throw new Error('the job was not there to be taken');
    await journal.end(lostJob(first, SERVER_LOST, 1));
    await journal.claim(id);
    await expect(
      journal.end(succeededJob(first, { modelId: 'm', warning: null }, 2)),
    ).rejects.toThrow(JobTakenFailure);
    expect(await stateOf(id)).toBe('running');
  });

  it('give a job up after three attempts, with the reason of each', async () => {
    const [one, other] = journals();
    const id = await queued();
    for (let attempt = 1; attempt <= 3; attempt++) {
      await abandoned(one, id);
      one.drop(id);
      await other.takeBack(false);
    }
    const failed = await find(id);
    expect(failed).toMatchObject({ state: 'failed', error: { code: 'training/interrupted' } });
    expect(failed?.error?.message).toMatch(/3 attempts/);
    expect(failed?.lostAttempts.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect(await one.claim(id)).toBeUndefined();
  });

  it('leave a job cancelled, whatever its trainer has to say', async () => {
    const [one, other] = journals();
    const id = await queued();
    const job = await one.claim(id);
    if (!job) throw new Error('the job was not there to be taken');
    expect(await other.cancel(id)).toMatchObject({ state: 'cancelled' });
    expect(await other.cancel(id)).toBeUndefined();
    await expect(one.end(lostJob(job, SERVER_LOST, 1))).rejects.toThrow(JobTakenFailure);
    await other.takeBack(true);
    expect(await one.claim(id)).toBeUndefined();
    expect(await stateOf(id)).toBe('cancelled');
  });

  it('hand on what the first attempt has read', async () => {
    const [one] = journals();
    const id = await queued();
    const job = await one.claim(id);
    if (!job) throw new Error('the job was not there to be taken');
    const pin = [{ source: 'spool', partition: 1, first: 0, last: 9, lines: 10, digest: 'ab' }];
    await one.keepPin({ ...job, attempt: 2 }, []);
    expect(await database.repositories.trainingJobs.findPin(id)).toBeUndefined();
    await one.keepPin(job, pin);
    expect(await database.repositories.trainingJobs.findPin(id)).toEqual(pin);
  });

  it('know that nobody else can be at work where there is only one', async () => {
    const [former, present] = journals();
    const id = await queued();
    await former.claim(id);
    await present.takeBack(true);
    expect(await stateOf(id)).toBe('queued');
  });
});
