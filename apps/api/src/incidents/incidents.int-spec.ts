import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Incident,
  incidentSchema,
  type LiveEvent,
  rootCauseReportSchema,
  ROUTES,
} from '@logbert/contracts';
import type { Database } from '@logbert/database';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DATABASE } from '../storage/database.token';
import { anomalyOf } from '../testing/anomaly-of';
import { ChatServer, refused, streamed } from '../testing/chat-server';
import { startTestServer, type TestServer } from '../testing/test-server';
import { IncidentRecorder } from './incident-recorder';

const DEADLINE_MS = 10_000;

describe('incidents and their root cause', () => {
  let server: TestServer;
  let chat: ChatServer;
  let database: Database;

  beforeAll(async () => {
    chat = await ChatServer.start();
    server = await startTestServer({
      incidents: { idleMs: 60_000, openAtEvidence: 6 },
      rca: { settleMs: 20, huggingFace: { model: 'local', endpointUrl: chat.url } },
    });
    database = server.application.nest.get<Database>(DATABASE);
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await chat[Symbol.asyncDispose]();
  });

  const record = (stream: string, ...keys: string[]) =>
    server.application.nest.get(IncidentRecorder).record({
      stream,
      anomalies: keys.map((key) => anomalyOf(key, { stream })),
      templateCounts: [],
      novelTemplates: [],
    });

  async function events(): Promise<readonly LiveEvent[]> {
    return (await database.repositories.events.after(0, 10_000)).map(({ event }) => event);
  }

  async function incidentsOf(stream: string): Promise<readonly Incident[]> {
    const answer = await request(server.url)
      .get(`${ROUTES.incidents}?stream=${stream}`)
      .expect(200);
    return incidentSchema.array().parse(answer.body.items);
  }

  async function reported(stream: string, states: readonly string[]) {
    const deadline = performance.now() + DEADLINE_MS;
    for (;;) {
      const [incident] = await incidentsOf(stream);
      const path = ROUTES.incidentRootCause.replace(':id', incident?.id ?? '');
      const answer = await request(server.url).get(path);
      if (answer.status === 200) {
        const report = rootCauseReportSchema.parse(answer.body);
        if (states.includes(report.narrativeState)) return report;
      }
      if (performance.now() > deadline) throw new Error(`no report: ${answer.text}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  it('come of nothing that was found in lines of a partition that somebody else has by now', async () => {
    const { anomalies, partitionOwners, templateCounts } = database.repositories;
    const stream = 'fenced';
    const place = { source: 'kafka:x/logs', partition: 0 };
    const findingsOf = (owner: string) => ({
      stream,
      anomalies: [anomalyOf('k', { stream })],
      templateCounts: [
        { stream, service: 's', templateId: 't', modelId: null, bucketMs: 0, count: 5 },
      ],
      counted: { ...place, stream, fromOffset: 0, nextOffset: 5 },
      owner: { ...place, owner },
      novelTemplates: [],
    });
    const recorder = server.application.nest.get(IncidentRecorder);
    const counted = async () =>
      (await templateCounts.between({ stream, modelId: null, fromMs: 0, toMs: 1 }))[0]?.count;

    await partitionOwners.takeOver({ ...place, owner: 'former' }, 1);
    await partitionOwners.takeOver({ ...place, owner: 'present' }, 2);
    await expect(recorder.record(findingsOf('former'))).rejects.toThrow('has another owner');
    expect(await counted()).toBeUndefined();
    await recorder.record(findingsOf('present'));
    expect(await counted()).toBe(5);
    expect(await anomalies.find(anomalyOf('k', { stream }).id)).toBeDefined();
  });

  it('keeps a single borderline anomaly waiting and opens an incident for two', async () => {
    chat.answer = refused(503, 'asleep');
    await record('orders', 'one');
    expect(await incidentsOf('orders')).toEqual([]);
    await record('orders', 'two');
    const [incident] = await incidentsOf('orders');
    expect(incident).toMatchObject({ state: 'open', anomalyCount: 2, stream: 'orders' });
    const kept = await database.repositories.anomalies.ofIncident(incident?.id ?? '', 10);
    expect(kept).toHaveLength(2);
  });

  it('changes nothing when the same anomalies come again', async () => {
    const before = await events();
    await record('orders', 'one', 'two');
    const after = await events();
    const count = (all: readonly LiveEvent[]) =>
      all.filter(({ type }) => type === 'anomaly' || type === 'incident').length;
    expect(count(after)).toBe(count(before));
    expect(await incidentsOf('orders')).toMatchObject([{ anomalyCount: 2 }]);
  });

  it('publishes anomalies and incidents to the outlets', async () => {
    const outlet = join(server.locations.dataDirectory, 'outlet', 'anomalies.ndjson');
    const lines = async () =>
      (await readFile(outlet, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');
    await expect
      .poll(async () => (await lines()).length, { timeout: DEADLINE_MS })
      .toBeGreaterThan(1);
  });

  it('leaves a whole report when the language model fails', async () => {
    const report = await reported('orders', ['failed']);
    expect(report.narrative).toBeNull();
    expect(report.narrativeError).toContain('503');
    expect(report.causes[0]?.service).toBe('payment');
    expect((await incidentsOf('orders'))[0]?.topCause?.service).toBe('payment');
  });

  it('has a report told in words, with its claims checked', async () => {
    chat.answer = (body, response) => {
      const answer = {
        summary: 'The payment service lost the bank.',
        claims: [
          { text: 'payment wrote a line never seen before', evidenceIds: ['E1'] },
          { text: 'the database is on fire', evidenceIds: ['E99'] },
        ],
        nextSteps: ['Look at the connection to the bank.'],
      };
      streamed(JSON.stringify(answer))(body, response);
    };
    await record('told', 'one', 'two');
    const report = await reported('told', ['written', 'failed']);
    expect(report.narrativeError).toBeNull();
    expect(report.narrative?.totalClaims).toBe(2);
    expect(report.narrative?.claims[1]).toMatchObject({ isVerified: false });
    const told = (await events()).filter(({ type }) => type === 'root-cause');
    expect(told.length).toBeGreaterThanOrEqual(2);
  });

  it('treats a refusal and garbage as a report without prose', async () => {
    chat.answer = streamed('I am sorry, I cannot help with that.');
    await record('refused', 'one', 'two');
    expect((await reported('refused', ['failed'])).evidence.length).toBeGreaterThan(0);
  });

  it('is acknowledged and closed by hand, once', async () => {
    const [incident] = await incidentsOf('orders');
    const path = ROUTES.incident.replace(':id', incident?.id ?? '');
    await request(server.url).patch(path).send({ isAcknowledged: true }).expect(200);
    const closed = await request(server.url).patch(path).send({ state: 'closed' }).expect(200);
    expect(incidentSchema.parse(closed.body)).toMatchObject({
      isAcknowledged: true,
      state: 'closed',
    });
    await request(server.url).patch(path).send({ state: 'closed' }).expect(409);
    await request(server.url).patch(path).send({ state: 'open' }).expect(400);
  });

  it('opens a new incident after the old one was closed', async () => {
    await record('orders', 'three', 'four');
    expect(await incidentsOf('orders')).toHaveLength(2);
  });

  it('closes what has been silent', async () => {
    const quick = await startTestServer({ incidents: { idleMs: 200, openAtEvidence: 1 } });
    const recorder = quick.application.nest.get(IncidentRecorder);
    await recorder.record({
      stream: 'quick',
      anomalies: [anomalyOf('one', { stream: 'quick' })],
      templateCounts: [],
      novelTemplates: [],
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    await recorder.closeIdle('quick');
    const answer = await request(quick.url).get(`${ROUTES.incidents}?state=closed`);
    expect(incidentSchema.array().parse(answer.body.items)).toHaveLength(1);
    await quick[Symbol.asyncDispose]();
  });
});
