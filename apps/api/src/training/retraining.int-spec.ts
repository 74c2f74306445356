import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Incident, TrainingJob } from '@logbert/contracts';
import type { Database } from '@logbert/database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DATABASE } from '../storage/database.token';
import { startTestServer, type TestServer } from '../testing/test-server';
import { JobJournal } from './job-journal';
import { Retraining } from './retraining';

const HOUR_MS = 3_600_000;
const MADE_AT = Date.UTC(2030, 0, 1);
/** Waits until its server is gone. */
const CHILD = `process.on('message', () => undefined); process.on('disconnect', () => process.exit(1));`;

describe('Retraining', () => {
  const programs = mkdtempSync(join(tmpdir(), 'logbert-programs-'));
  writeFileSync(join(programs, 'training-process.js'), CHILD);
  let server: TestServer;
  let database: Database;
  let retraining: Retraining;

  beforeAll(async () => {
    server = await startTestServer({ roles: ['api', 'trainer'] }, programs);
    database = server.application.nest.get(DATABASE);
    retraining = server.application.nest.get(Retraining);
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    rmSync(programs, { recursive: true });
  });

  /** A stream whose model was made of 1,000 lines and has named so many since. */
  async function streamWith(stream: string, lines: number): Promise<void> {
    const { models, templateCounts } = database.repositories;
    const id = `${stream}-1`;
    const metrics = {
      ...{ lines: 1_000, templates: 5, windows: 100, trimmedWindows: 0, calibrationWindows: 30 },
      ...{ parameters: 1_000, epochs: 3, loss: 1, validationLoss: 1, tokensPerSecond: 1 },
      ...{ trainingSeconds: 1, bytes: 1 },
    };
    await models.register({ id, stream, jobId: null, metrics, createdAt: MADE_AT });
    await models.promote(id, MADE_AT);
    const count = { stream, modelId: id, service: 'web', bucketMs: MADE_AT, count: lines / 2 };
    await templateCounts.add([
      { ...count, templateId: 't-1' },
      { ...count, templateId: 't-2' },
    ]);
  }

  async function jobsOf(stream: string): Promise<readonly TrainingJob[]> {
    return (await database.repositories.trainingJobs.list({ limit: 10 }, stream)).items;
  }

  it('queues one job for a stream whose lines have doubled, in an hour at the earliest', async () => {
    await streamWith('grown', 1_000);
    await streamWith('steady', 998);
    await retraining.look(MADE_AT + HOUR_MS - 1);
    expect(await jobsOf('grown')).toEqual([]);

    const nowMs = MADE_AT + HOUR_MS;
    await Promise.all([retraining.look(nowMs), retraining.look(nowMs)]);
    const [job, another] = await jobsOf('grown');
    expect(another).toBeUndefined();
    expect(job).toMatchObject({
      origin: 'growth',
      request: { promote: true, source: { kind: 'stream', fromMs: nowMs - 10_000, toMs: nowMs } },
    });
    expect(await jobsOf('steady')).toEqual([]);

    await server.application.nest.get(JobJournal).cancel(job?.id ?? '');
    await retraining.look(nowMs + 2 * HOUR_MS - 1);
    expect(await jobsOf('grown')).toHaveLength(1);
    await retraining.look(nowMs + 2 * HOUR_MS);
    expect(await jobsOf('grown')).toHaveLength(2);
  });

  it('waits while a severe incident of the stream is open', async () => {
    await streamWith('broken', 5_000);
    const incident: Incident = {
      id: randomUUID(),
      stream: 'broken',
      state: 'open',
      isAcknowledged: false,
      severity: 'critical',
      title: 'broken',
      ...{ openedAt: MADE_AT, lastSeenAt: MADE_AT, closedAt: null },
      ...{ anomalyCount: 1, retractedCount: 0, minPValue: 1e-6 },
      ...{ services: [], culprits: [], similar: [], topCause: null },
    };
    await database.repositories.incidents.save(incident);
    await retraining.look(MADE_AT + HOUR_MS + 1);
    expect(await jobsOf('broken')).toEqual([]);
    const closed = {
      ...incident,
      state: 'closed',
      closedAt: MADE_AT,
      lastSeenAt: MADE_AT,
    } as const;
    await database.repositories.incidents.save({ ...closed, lastSeenAt: MADE_AT + 2 });
    await retraining.look(MADE_AT + HOUR_MS + 1);
    expect(await jobsOf('broken')).toEqual([]);
    await database.repositories.incidents.save(closed);
    await retraining.look(MADE_AT + HOUR_MS + 1);
    expect(await jobsOf('broken')).toHaveLength(1);
  });

  it('leaves a stream alone that was rolled back, until somebody promotes a model', async () => {
    await streamWith('back', 5_000);
    const { models } = database.repositories;
    const first = await models.active('back');
    if (!first) throw new Error('there is no model');
    await models.register({ ...first, id: 'back-2' });
    await models.promote('back-2', MADE_AT);
    await models.rollback('back');
    await retraining.look(MADE_AT + 5 * HOUR_MS);
    expect(await jobsOf('back')).toEqual([]);
  });

  it('reckons how long the last lines took', async () => {
    const { templateCounts } = database.repositories;
    const counts = [3, 5, 2].map((count, minute) => ({
      ...{ stream: 'counted', modelId: null, service: 'web', templateId: 't' },
      ...{ bucketMs: MADE_AT + minute * 60_000, count },
    }));
    await templateCounts.add(counts);
    const span = (lines: number) => templateCounts.spanOfLast('counted', lines);
    expect(await span(2)).toBe(10_000);
    expect(await span(3)).toBe(70_000);
    expect(await span(8)).toBe(130_000);
    expect(await span(1_000)).toBe(130_000);
    expect(await templateCounts.spanOfLast('unknown', 1)).toBe(0);
  });
});
