import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  streamSettingsSchema,
  type Anomaly,
  type Incident,
  type ModelMetrics,
  type TrainingJob,
} from '@logbert/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from './database';
import { InvalidCursorFailure, ModelMissingFailure } from './database-failures';
import { openDatabase } from './open-database';
import { newJob } from './training-job-sketch';

const url = process.env['LOGBERT_TEST_POSTGRES'];
if (url === undefined) {
  console.log('LOGBERT_TEST_POSTGRES is not set: the suite runs on the embedded engine only.');
}
const engines = [
  { engine: 'PGlite', url: null },
  ...(url === undefined ? [] : [{ engine: 'PostgreSQL', url }]),
];
const settings = streamSettingsSchema.parse({});
const metrics: ModelMetrics = {
  lines: 1,
  templates: 1,
  windows: 1,
  trimmedWindows: 0,
  calibrationWindows: 1,
  parameters: 1,
  epochs: 1,
  loss: 0.5,
  validationLoss: null,
  tokensPerSecond: null,
  trainingSeconds: 1,
  bytes: 1,
};

describe.each(engines)('database on $engine', ({ url: engineUrl }) => {
  let directory: string;
  let database: Database;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'logbert-database-'));
    database = await openDatabase({ url: engineUrl, directory: join(directory, 'database') });
  });

  afterAll(async () => {
    await database.close();
    await rm(directory, { recursive: true, force: true });
  });

  /** A name of its own for each test: the server keeps what earlier runs left. */
  const newStream = () => `s${randomUUID().slice(0, 8)}`;
  const newAnomaly = (stream: string, at: number): Anomaly => ({
    id: randomUUID().replaceAll('-', ''),
    stream,
    modelId: 'm',
    state: 'closed',
    early: null,
    windowKey: 'w',
    detectedAt: at,
    firstAt: at,
    lastAt: at + 5,
    services: ['payment', 'gateway'],
    pValue: 0.001,
    channels: [{ channel: 'novelty', score: 1, pValue: 0.001 }],
    decidingChannel: 'novelty',
    lines: [],
    missing: [],
    end: null,
    rates: [],
    context: [],
    culprits: [],
    incidentId: null,
    verdict: { state: 'immediate' },
  });
  const newIncident = (stream: string, openedAt: number): Incident => ({
    id: randomUUID(),
    stream,
    state: 'open',
    isAcknowledged: false,
    severity: 'low',
    title: 'odd',
    openedAt,
    lastSeenAt: openedAt,
    closedAt: null,
    anomalyCount: 1,
    retractedCount: 0,
    minPValue: 0.001,
    services: [],
    culprits: [],
    similar: [],
    topCause: null,
  });
  it('is healthy', async () => {
    expect(await database.isHealthy()).toBe(true);
  });

  it('keeps a stream and shows its active model', async () => {
    const { streams, models } = database.repositories;
    const name = newStream();
    await streams.upsert(name, settings, 7);
    await streams.upsert(name, { ...settings, alertBudget: 0.01 }, 8);
    const modelId = randomUUID();
    await models.register({ id: modelId, stream: name, jobId: null, metrics, createdAt: 9 });
    expect(await streams.find(name)).toEqual({
      name,
      settings: { ...settings, alertBudget: 0.01 },
      activeModelId: null,
      quarantine: null,
      workloadChange: null,
      untrainedWindows: 0,
      createdAt: 7,
    });
    await models.promote(modelId, 10);
    expect((await streams.find(name))?.activeModelId).toBe(modelId);
    expect((await streams.list()).map((stream) => stream.name)).toContain(name);
    expect(await streams.find('nobody')).toBeUndefined();
  });

  it('lists unfinished jobs, and all of them page by page, newest first', async () => {
    const { trainingJobs } = database.repositories;
    const stream = newStream();
    const jobs = [1, 2, 3].map((at) => newJob(stream, at));
    for (const job of jobs) await trainingJobs.create(job);
    await trainingJobs.release({ ...(jobs[0] as TrainingJob), state: 'succeeded', finishedAt: 9 });

    const unfinished = await trainingJobs.unfinished();
    expect(unfinished.filter((job) => job.stream === stream)).toEqual(jobs.slice(1));
    const first = await trainingJobs.list({ limit: 2 }, stream);
    expect(first.items.map((job) => job.createdAt)).toEqual([3, 2]);
    const second = await trainingJobs.list({ limit: 2, cursor: first.nextCursor ?? '' }, stream);
    expect(second.items.map((job) => job.state)).toEqual(['succeeded']);
    expect(second.nextCursor).toBeNull();
  });

  it('refuses a cursor that it has not given', async () => {
    const { trainingJobs } = database.repositories;
    const withNul = Buffer.from('[1,"\\u0000"]').toString('base64url');
    await expect(trainingJobs.list({ limit: 2, cursor: withNul })).rejects.toThrow(
      InvalidCursorFailure,
    );
    await expect(trainingJobs.list({ limit: 2, cursor: 'bm9uc2Vuc2U' })).rejects.toThrow(
      InvalidCursorFailure,
    );
  });

  it('numbers the models of a stream, also when they are registered at once', async () => {
    const { models } = database.repositories;
    const stream = newStream();
    const registered = await Promise.all(
      [1, 2, 3, 4].map((createdAt) =>
        models.register({ id: randomUUID(), stream, jobId: null, metrics, createdAt }),
      ),
    );
    expect(registered.map(({ version }) => version).sort()).toEqual([1, 2, 3, 4]);
    expect(registered.every(({ isActive }) => !isActive)).toBe(true);
    const page = await models.list({ stream, page: { limit: 10 } });
    expect(page.items.map(({ createdAt }) => createdAt)).toEqual([4, 3, 2, 1]);
  });

  it('has one active model a stream and goes back promotion by promotion', async () => {
    const { models } = database.repositories;
    const stream = newStream();
    const ids = [randomUUID(), randomUUID(), randomUUID()] as const;
    for (const [place, id] of ids.entries()) {
      await models.register({ id, stream, jobId: null, metrics, createdAt: place });
      expect(await models.promote(id, 100 + place)).toMatchObject({
        isActive: true,
        promotedAt: 100 + place,
      });
    }
    expect((await models.active(stream))?.id).toBe(ids[2]);
    expect((await models.previous(stream))?.id).toBe(ids[1]);
    expect((await models.rollback(stream))?.id).toBe(ids[1]);
    expect((await models.rollback(stream))?.id).toBe(ids[0]);
    expect(await models.rollback(stream)).toBeUndefined();
    const active = await models.activeAll();
    expect(active.filter((model) => model.stream === stream).map(({ id }) => id)).toEqual([ids[0]]);
    await expect(models.promote('nobody', 1)).rejects.toThrow(ModelMissingFailure);
  });

  it('gives back only anomalies that are new', async () => {
    const { anomalies } = database.repositories;
    const stream = newStream();
    const [first, second] = [newAnomaly(stream, 1_000), newAnomaly(stream, 2_000)];
    expect(await anomalies.record([first, first])).toEqual([first]);
    expect(await anomalies.record([first, second])).toEqual([second]);
    expect(await anomalies.record([])).toEqual([]);
    expect(await anomalies.find(first.id)).toEqual(first);
  });

  it('finds anomalies by stream, time and incident', async () => {
    const { anomalies } = database.repositories;
    const stream = newStream();
    const incidentId = randomUUID();
    const found = [1_000, 2_000, 2_500, 9_000].map((at) => newAnomaly(stream, at));
    await anomalies.record(found);
    const assigned = [found[1]?.id ?? '', found[2]?.id ?? ''];
    await anomalies.assignIncidents(new Map(assigned.map((id) => [id, incidentId])));

    const page = await anomalies.list({ stream, fromMs: 1_000, toMs: 9_000, page: { limit: 2 } });
    expect(page.items.map(({ firstAt }) => firstAt)).toEqual([2_500, 2_000]);
    expect(page.items[0]?.incidentId).toBe(incidentId);
    const rest = await anomalies.listHeads({
      stream,
      page: { limit: 2, cursor: page.nextCursor ?? '' },
    });
    expect(rest.items).toHaveLength(1);
    expect(rest.items[0]).toMatchObject({ firstAt: 1_000, services: ['payment', 'gateway'] });
    expect((await anomalies.ofIncident(incidentId, 10)).map(({ firstAt }) => firstAt)).toEqual([
      2_000, 2_500,
    ]);
    expect(await anomalies.timeline({ stream, fromMs: 0, toMs: 10_000, bucketMs: 1_000 })).toEqual([
      { stream, at: 1_000, count: 1 },
      { stream, at: 2_000, count: 2 },
      { stream, at: 9_000, count: 1 },
    ]);
  });

  it('keeps lines with NUL and half a surrogate pair', async () => {
    const { anomalies, templates } = database.repositories;
    const odd = { ...newAnomaly(newStream(), 1), windowKey: 'a\0b\uD800c \\u0000 😀' };
    await anomalies.record([odd]);
    expect((await anomalies.find(odd.id))?.windowKey).toBe('a\uFFFDb\uFFFDc \\u0000 😀');
    const id = randomUUID();
    await templates.upsertNovel(odd.stream, [{ id, template: 'x\0y', service: 'a\0' }]);
    expect((await templates.text([id])).get(id)).toBe('x\uFFFDy');
  });

  it('replaces a report and appends feedback', async () => {
    const { rootCauses, feedback } = database.repositories;
    const report = {
      incidentId: randomUUID(),
      createdAt: 1,
      anomalyCount: 1,
      evidence: [],
      causes: [],
      narrative: null,
      narrativeState: 'not-configured' as const,
      narrativeError: null,
    };
    await rootCauses.save(report);
    await rootCauses.save({ ...report, anomalyCount: 2 });
    expect(await rootCauses.find(report.incidentId)).toEqual({ ...report, anomalyCount: 2 });

    const anomalyId = randomUUID();
    await feedback.add(anomalyId, { verdict: 'false-alarm', comment: 'deploy' }, 5);
    await feedback.add(anomalyId, { verdict: 'confirmed', comment: '' }, 6);
    expect(await feedback.ofAnomaly(anomalyId)).toMatchObject([
      { verdict: 'false-alarm', comment: 'deploy', createdAt: 5 },
      { verdict: 'confirmed', createdAt: 6 },
    ]);
  });

  it('adds novel sightings and puts the templates of a model in their place', async () => {
    const { templates } = database.repositories;
    const stream = newStream();
    await templates.upsertNovel(stream, [
      { id: 'n1', template: 'new <*>', service: 'b' },
      { id: 'n1', template: 'new <*>', service: 'a' },
      { id: 'n2', template: 'odd', service: 'a', count: 9 },
    ]);
    await templates.upsertNovel(stream, [{ id: 'n1', template: 'new <*>', service: 'b' }]);
    await templates.replaceOfModel(stream, [
      { id: 'm1', template: 'known', count: 5, services: ['a'] },
      { id: 'n2', template: 'odd', count: 7, services: ['a'] },
    ]);
    const first = await templates.list({ stream, page: { limit: 2 } });
    expect(first.items).toEqual([
      { id: 'n2', template: 'odd', count: 7, services: ['a'], isNovel: false },
      { id: 'm1', template: 'known', count: 5, services: ['a'], isNovel: false },
    ]);
    const rest = await templates.list({
      stream,
      page: { limit: 2, cursor: first.nextCursor ?? '' },
    });
    expect(rest.items).toEqual([
      { id: 'n1', template: 'new <*>', count: 3, services: ['a', 'b'], isNovel: true },
    ]);
    await templates.replaceOfModel(stream, []);
    expect((await templates.list({ stream, page: { limit: 9 } })).items).toHaveLength(1);
    expect(await templates.text(['n1', 'n1', 'none'])).toEqual(new Map([['n1', 'new <*>']]));
  });

  it('adds up template counts', async () => {
    const { templateCounts } = database.repositories;
    const stream = newStream();
    const modelId = 'm';
    const row = { stream, service: 'a', templateId: 't', modelId, bucketMs: 10_000, count: 2 };
    const between = (fromMs: number, toMs: number, of: string | null = modelId) =>
      templateCounts.between({ stream, modelId: of, fromMs, toMs });
    await templateCounts.add([row, row, { ...row, bucketMs: 20_000, service: 'b' }]);
    await templateCounts.add([row, { ...row, modelId: null }]);
    expect(await between(10_000, 20_000)).toEqual([{ ...row, count: 6 }]);
    expect(await between(10_000, 20_000, null)).toEqual([{ ...row, modelId: null }]);
    expect(await between(10_000, 20_000, 'other')).toEqual([]);
    expect(await between(0, 30_000)).toHaveLength(2);
    const span = { stream, modelId, fromMs: 0, toMs: 30_000 };
    expect(await templateCounts.firstBucket(span)).toBe(10_000);
    expect(await templateCounts.firstBucket({ ...span, modelId: 'other' })).toBeUndefined();
    await templateCounts.prune(15_000);
    expect(await between(0, 30_000)).toEqual([{ ...row, service: 'b', bucketMs: 0 }]);
  });

  it('announces an event when its transaction is over, and not when it was undone', async () => {
    const { events } = database.repositories;
    const before = await events.latestId();
    const heard: number[] = [];
    const event = { type: 'incident' as const, data: newIncident(newStream(), 1) };
    const announced = new Promise<number>((resolve) => {
      const stop = database.onEvents((id) => {
        heard.push(id);
        stop();
        resolve(id);
      });
    });
    await expect(
      database.transaction(async (repositories) => {
        await repositories.events.append(event);
        throw new RangeError('undone');
      }),
    ).rejects.toThrow(RangeError);
    const id = await database.transaction(async (repositories) => {
      const appended = await repositories.events.append(event);
      expect(heard).toEqual([]);
      return appended;
    });
    expect(await announced).toBe(id);
    expect(await events.after(before, 10)).toEqual([{ id, event }]);
    expect(await events.latestId()).toBe(id);
  });

  it('lets transactions of one stream take turns', async () => {
    const stream = newStream();
    const order: string[] = [];
    await Promise.all(
      ['a', 'b', 'c'].map((name) =>
        database.transaction(async (repositories) => {
          await repositories.lockStream(stream);
          order.push(name);
          await repositories.streams.upsert(stream, settings, 1);
          order.push(name);
        }),
      ),
    );
    expect(order[0]).toBe(order[1]);
    expect(order[2]).toBe(order[3]);
    expect(order[4]).toBe(order[5]);
  });

  it('refuses a transaction inside a transaction, and allows one after it', async () => {
    await expect(
      database.transaction(() => database.transaction(async () => undefined)),
    ).rejects.toThrow(TypeError);
    expect(await database.transaction(async () => 1)).toBe(1);
  });
});
