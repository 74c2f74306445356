import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  anomalySchema,
  incidentSchema,
  ingestReceiptSchema,
  LIVE_EVENTS,
  type Model,
  modelSchema,
  pageSchema,
  rootCauseReportSchema,
  ROUTES,
  streamSettingsSchema,
  streamSchema,
  trainingJobSchema,
  uploadSchema,
} from '@logbert/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EventStream } from './event-stream';
import { ask, eventually, json } from './http';
import { OrderLogs } from './order-logs';
import { missingServices, ownBucket, ownDatabase, ownTopics } from './real-services';
import { Server } from './server';

const STREAM = 'orders';
const TRAINED_WITHIN_MS = 120_000;
const FOUND_WITHIN_MS = 30_000;

interface Profile {
  readonly name: string;
  /** Services that the profile needs and nobody started. */
  readonly missing: readonly string[];
  readonly settings: () => Promise<Readonly<Record<string, string>>>;
}

const EMBEDDED: Profile = {
  name: 'with the embedded parts',
  missing: [],
  settings: () => Promise.resolve({}),
};
const CLUSTER: Profile = {
  name: 'with Kafka, PostgreSQL and S3',
  missing: missingServices(),
  settings: async () => ({
    ...ownTopics(STREAM).environment,
    ...(await ownDatabase()),
    ...(await ownBucket()),
  }),
};

if (CLUSTER.missing.length > 0) {
  console.warn(`Skipped ${CLUSTER.name}: ${CLUSTER.missing.join(', ')} not set.`);
}

/** One story a profile: each step needs the ones before it. */
describe.for([EMBEDDED, CLUSTER])('from a raw log to a root cause, $name', (profile) => {
  let server: Server;
  let events: EventStream;
  let incidentId: string;
  /** The server's home and place for temporary files. */
  let home: string;
  let uploadId: string;
  const logs = new OrderLogs(1);

  beforeAll(async () => {
    if (profile.missing.length > 0) return;
    home = await mkdtemp(join(tmpdir(), 'logbert-e2e-home-'));
    server = await Server.start({
      environment: {
        HOME: home,
        TMPDIR: home,
        LOGBERT__INCIDENTS__IDLEMS: '8000',
        ...(await profile.settings()),
      },
    });
    events = await EventStream.open(`${server.url}${ROUTES.events}`);
  });
  afterAll(async () => {
    if (profile.missing.length > 0) return;
    await events[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    await rm(home, { recursive: true, force: true });
  });
  beforeEach((context) => context.skip(profile.missing.length > 0, 'services are missing'));

  const send = (body: string) =>
    ask(`${server.url}${ROUTES.logs}?stream=${STREAM}`, ingestReceiptSchema, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body,
      status: 202,
    });

  const train = async (more: object): Promise<Model> => {
    const request = {
      stream: STREAM,
      source: { kind: 'upload', uploadId },
      options: { epochs: 4, hidden: 32, layers: 1, heads: 2 },
      ...more,
    };
    const job = await ask(`${server.url}${ROUTES.trainingJobs}`, trainingJobSchema, {
      ...json('POST', request),
      status: 202,
    });
    expect(job).toMatchObject({ state: 'queued', origin: 'request' });

    const finished = await events.find(
      LIVE_EVENTS.training,
      ({ id, finishedAt }) => id === job.id && finishedAt !== null,
      { withinMs: TRAINED_WITHIN_MS },
    );
    expect(finished.error).toBeNull();
    expect(finished.state).toBe('succeeded');
    expect(finished.history.length).toBeGreaterThan(0);
    return events.find(LIVE_EVENTS.model, ({ jobId }) => jobId === job.id, { withinMs: 5_000 });
  };

  it('takes the settings of a stream', async () => {
    const settings = streamSettingsSchema.parse({
      window: { kind: 'session', idleMs: 1_000, maxLength: 32 },
    });
    const url = `${server.url}${ROUTES.stream.replace(':name', STREAM)}`;
    const stream = await ask(url, streamSchema, json('PUT', settings));
    expect(stream).toMatchObject({ name: STREAM, activeModelId: null });
  });

  it('trains on an uploaded file and promotes the first model', async () => {
    const file = logs.ordinary(1_500, Date.now() - 3_600_000, 200);
    ({ uploadId } = await ask(`${server.url}${ROUTES.uploads}`, uploadSchema, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: file,
      status: 201,
    }));
    const model = await train({});
    expect(model).toMatchObject({ stream: STREAM, version: 1, isActive: true });
    expect(model.metrics.templates).toBeGreaterThan(5);
  });

  it('lists the model and its templates', async () => {
    const models = await ask(
      `${server.url}${ROUTES.models}?stream=${STREAM}`,
      pageSchema(modelSchema),
    );
    expect(models.items).toHaveLength(1);
  });

  it('scores ordinary orders without an incident', async () => {
    const receipt = await send(logs.ordinary(40, Date.now(), 20));
    expect(receipt.rejected).toBe(0);
    await events.find(
      LIVE_EVENTS.throughput,
      ({ stream, windowsPerSecond }) => stream === STREAM && windowsPerSecond > 0,
      { withinMs: FOUND_WITHIN_MS },
    );
    const incidents = await ask(`${server.url}${ROUTES.incidents}`, pageSchema(incidentSchema));
    expect(incidents.items).toEqual([]);
  });

  it('opens an incident for failing orders and names the service', async () => {
    await send(logs.failing(8, Date.now(), 50));
    const incident = await events.find(LIVE_EVENTS.incident, ({ stream }) => stream === STREAM, {
      withinMs: FOUND_WITHIN_MS,
    });
    incidentId = incident.id;
    expect(incident.state).toBe('open');

    const explained = await events.find(
      LIVE_EVENTS.rootCause,
      (data) => data.incidentId === incidentId,
      { withinMs: FOUND_WITHIN_MS },
    );
    expect(explained.incident.topCause?.service).toBe('payment');
  });

  it('gives the whole report and the anomalies line by line', async () => {
    const report = await ask(
      `${server.url}${ROUTES.incidentRootCause.replace(':id', incidentId)}`,
      rootCauseReportSchema,
    );
    expect(report.narrativeState).toBe('not-configured');
    expect(report.evidence.length).toBeGreaterThan(0);
    expect(report.causes[0]?.service).toBe('payment');

    const anomalies = await ask(
      `${server.url}${ROUTES.anomalies}?incidentId=${incidentId}`,
      pageSchema(anomalySchema),
    );
    expect(anomalies.items.length).toBeGreaterThan(0);
    const raw = anomalies.items.flatMap(({ lines }) =>
      lines.filter(({ isAbnormal }) => isAbnormal),
    );
    expect(raw.some((line) => line.raw.includes('bank connection timed out'))).toBe(true);
  });

  it('writes the report anew when asked', async () => {
    const url = `${server.url}${ROUTES.rca}`;
    const report = await ask(url, rootCauseReportSchema, json('POST', { incidentId }));
    expect(report.incidentId).toBe(incidentId);
  });

  it('writes nothing outside its data directory', async () => {
    expect(await readdir(home)).toEqual([]);
  });

  it('resumes an event stream after an id, each event once', async () => {
    const known = events.received.filter(({ id }) => id !== undefined);
    const from = known[Math.floor(known.length / 2)];
    const resumed = await EventStream.open(`${server.url}${ROUTES.events}`, {
      'last-event-id': from?.id ?? '',
    });
    await resumed.find(LIVE_EVENTS.rootCause, (data) => data.incidentId === incidentId, {
      withinMs: 5_000,
    });
    const ids = resumed.received.flatMap(({ id }) => (id === undefined ? [] : [Number(id)]));
    expect(ids[0]).toBe(Number(from?.id) + 1);
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
    await resumed[Symbol.asyncDispose]();
  });

  it('closes the incident when nothing happens any more', async () => {
    const closed = await events.find(
      LIVE_EVENTS.incident,
      ({ id, state }) => id === incidentId && state === 'closed',
      { withinMs: 30_000 },
    );
    expect(closed.closedAt).not.toBeNull();
  });

  it('has a later model score only when that is asked for', async () => {
    expect(await train({})).toMatchObject({ version: 2, isActive: false });
    expect(await train({ promote: true })).toMatchObject({ version: 3, isActive: true });
  });

  it('counts what it did', async () => {
    const metrics = await eventually(
      async () => (await fetch(`${server.url}${ROUTES.metrics}`)).text(),
      (text) => /logbert_incidents_opened_total\{[^}]*stream="orders"[^}]*\} 1/.test(text),
      { withinMs: 5_000 },
    );
    expect(metrics).toContain('logbert_training_jobs_total{state="succeeded"} 3');
    expect(metrics).toMatch(/logbert_ingest_lines_total\{[^}]*stream="orders"/);
    expect(metrics).toMatch(/logbert_consumer_lag_records\{/);
    expect(metrics).toMatch(/logbert_http_request_seconds_bucket\{[^}]*route="\/api\/v1\/logs"/);
  });

  it('ends cleanly and quickly, and says goodbye to those who listen', async () => {
    const { code, ms } = await server.stop('SIGINT');
    expect(code).toBe(0);
    expect(ms).toBeLessThan(5_000);
    await events.ended;
  });
});
