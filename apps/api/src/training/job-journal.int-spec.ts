import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, openDatabase } from '@logbert/database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Meters } from '../metrics/meters';
import { JobJournal } from './job-journal';
import { queuedJob, withProgress } from './job-progress';

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
  const stateOf = async (id: string) => (await database.repositories.trainingJobs.find(id))?.state;
  const journals = () =>
    [new JobJournal(database, new Meters()), new JobJournal(database, new Meters())] as const;

  it('give a job to one of them, and leave it alone while its trainer lives', async () => {
    const [one, other] = journals();
    const id = await queued();
    const claims = await Promise.all([one.claim(id), other.claim(id)]);
    expect(claims.filter((claim) => claim !== undefined)).toHaveLength(1);
    await one.failAbandoned(false);
    await other.failAbandoned(false);
    expect(await stateOf(id)).toBe('running');
    const held = [await one.beat(), await other.beat()].filter((ids) => ids.has(id));
    expect(held).toHaveLength(1);
  });

  it('fail a job once its trainer has been silent, whose progress then changes nothing', async () => {
    const [silent, other] = journals();
    const id = await queued();
    const job = await silent.claim(id);
    if (!job) throw new Error('the job was not there to be taken');
    await database.repositories.trainingJobs.hold(id, 'silent', -1);
    await other.failAbandoned(false);
    const failed = await database.repositories.trainingJobs.find(id);
    expect(failed).toMatchObject({ state: 'failed', error: { code: 'training/interrupted' } });

    expect((await silent.beat()).has(id)).toBe(false);
    const { trainingJobs } = database.repositories;
    expect(await trainingJobs.saveHeld(withProgress(job, job.progress), 'silent')).toBe(false);
    expect(await stateOf(id)).toBe('failed');
  });

  it('know that nobody else can be at work where there is only one', async () => {
    const [former, present] = journals();
    const id = await queued();
    await former.claim(id);
    await present.failAbandoned(true);
    expect(await stateOf(id)).toBe('failed');
  });
});
