import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  anomalyHeadSchema,
  anomalySchema,
  type Incident,
  incidentSchema,
  LIVE_EVENTS,
  type LiveEvent,
  ROUTES,
} from '@logbert/contracts';
import type { Database, Settlement } from '@logbert/database';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DATABASE } from '../storage/database.token';
import { anomalyOf } from '../testing/anomaly-of';
import { startTestServer, type TestServer } from '../testing/test-server';
import { IncidentRecorder } from './incident-recorder';

const DEADLINE_MS = 10_000;
const SETTLED_AT = 1_900_000_000_000;

describe('final verdicts', () => {
  let server: TestServer;
  let database: Database;

  beforeAll(async () => {
    server = await startTestServer({
      incidents: { idleMs: 600_000, openAtEvidence: 6 },
      rca: { settleMs: 600_000 },
    });
    database = server.application.nest.get<Database>(DATABASE);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const record = (stream: string, keys: readonly string[], settlements: readonly Settlement[]) =>
    server.application.nest.get(IncidentRecorder).record({
      stream,
      anomalies: keys.map((key) => anomalyOf(key, { stream })),
      settlements,
      templateCounts: [],
      novelTemplates: [],
    });
  const settlement = (
    stream: string,
    key: string,
    state: Settlement['verdict']['state'],
  ): Settlement => ({
    anomalyId: anomalyOf(key, { stream }).id,
    verdict: { state, settledAt: SETTLED_AT, pValue: state === 'confirmed' ? 1e-4 : 0.4 },
  });
  const list = async (query: string) => {
    const answer = await request(server.url).get(`${ROUTES.anomalies}?${query}`).expect(200);
    return anomalySchema.array().parse(answer.body.items);
  };
  const keysOf = async (query: string) =>
    (await list(query)).map(({ windowKey }) => windowKey).sort();
  async function incidentOf(stream: string): Promise<Incident | undefined> {
    const answer = await request(server.url).get(`${ROUTES.incidents}?stream=${stream}`);
    return incidentSchema.array().parse(answer.body.items)[0];
  }
  const eventsAfter = async (id: number): Promise<readonly LiveEvent[]> =>
    (await database.repositories.events.after(id, 1_000)).map(({ event }) => event);
  const latest = () => database.repositories.events.latestId();

  it('are shown with their anomalies, and anomalies can be asked for by them', async () => {
    const stream = 'shown';
    await record(stream, ['one', 'two', 'three'], []);
    expect((await list(`stream=${stream}`)).map(({ verdict }) => verdict)).toEqual(
      Array(3).fill({ state: 'immediate' }),
    );
    await record(
      stream,
      [],
      [settlement(stream, 'one', 'confirmed'), settlement(stream, 'two', 'retracted')],
    );
    const [taken] = await list(`stream=${stream}&verdict=retracted`);
    expect(taken).toMatchObject({
      windowKey: 'two',
      pValue: 1e-5,
      verdict: { state: 'retracted', settledAt: SETTLED_AT, pValue: 0.4 },
    });
    const alone = await request(server.url).get(ROUTES.anomaly.replace(':id', taken?.id ?? ''));
    expect(anomalySchema.parse(alone.body).verdict).toEqual(taken?.verdict);
    expect(await keysOf(`stream=${stream}&verdict=immediate&verdict=confirmed`)).toEqual([
      'one',
      'three',
    ]);
    await request(server.url).get(`${ROUTES.anomalies}?verdict=guilty`).expect(400);
    const document = await request(server.url).get(ROUTES.openApi).expect(200);
    const { parameters } = document.body.paths[ROUTES.anomalies].get;
    expect(parameters).toContainEqual(expect.objectContaining({ name: 'verdict', in: 'query' }));
  });

  it('are announced once each, to browsers and to the topic', async () => {
    const stream = 'announced';
    await record(stream, ['one'], []);
    const start = await latest();
    const verdicts = [settlement(stream, 'one', 'confirmed')];
    await record(stream, [], verdicts);
    // As after a crash: the same lines come again, and lead to the same.
    await record(stream, ['one'], verdicts);
    await record(stream, [], [settlement(stream, 'one', 'retracted')]);
    const told = await eventsAfter(start);
    expect(told).toMatchObject([
      {
        type: LIVE_EVENTS.verdict,
        data: { windowKey: 'one', verdict: { state: 'confirmed', settledAt: SETTLED_AT } },
      },
    ]);
    expect(anomalyHeadSchema.parse(told[0]?.data)).toEqual(told[0]?.data);

    const outlet = join(server.locations.dataDirectory, 'outlet', 'anomalies.ndjson');
    const published = async () => {
      const text = await readFile(outlet, 'utf8').catch(() => '');
      const messages = text.split('\n').filter((line) => line !== '');
      return messages
        .map((line) => anomalySchema.parse(JSON.parse(line)))
        .filter((anomaly) => anomaly.stream === stream)
        .map(({ verdict }) => verdict.state);
    };
    await expect.poll(published, { timeout: DEADLINE_MS }).toEqual(['immediate', 'confirmed']);
    const stream2 = await fetch(`${server.url}${ROUTES.events}`, {
      headers: { 'last-event-id': String(start) },
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    let heard = '';
    for await (const chunk of stream2.body ?? []) {
      heard += new TextDecoder().decode(chunk as Uint8Array);
      if (heard.includes('event: verdict')) break;
    }
    expect(heard).toContain('event: verdict');
  });

  it('are counted', async () => {
    const { text } = await request(server.url).get(ROUTES.metrics).expect(200);
    expect(text).toMatch(
      /logbert_anomalies_settled_total\{stream="announced",outcome="confirmed"\} 1\n/,
    );
  });

  it('close an open incident of which all anomalies were taken back, and delete nothing', async () => {
    const stream = 'taken-back';
    await record(stream, ['one', 'two'], []);
    await record(stream, [], [settlement(stream, 'one', 'retracted')]);
    expect(await incidentOf(stream)).toMatchObject({
      state: 'open',
      anomalyCount: 2,
      retractedCount: 1,
    });
    const start = await latest();
    await record(stream, [], [settlement(stream, 'two', 'retracted')]);
    const incident = await incidentOf(stream);
    expect(incident).toMatchObject({ state: 'closed', anomalyCount: 2, retractedCount: 2 });
    expect(incident?.closedAt).not.toBeNull();
    const told = await eventsAfter(start);
    expect(told.slice(0, 2)).toMatchObject([
      { type: LIVE_EVENTS.verdict, data: { incidentId: incident?.id } },
      { type: LIVE_EVENTS.incident, data: { state: 'closed', retractedCount: 2 } },
    ]);
    expect(await list(`stream=${stream}&verdict=retracted`)).toHaveLength(2);
  });

  it('let an incident stay open of which something is left, and one that grows keep its count', async () => {
    const stream = 'left';
    await record(stream, ['one', 'two'], []);
    await record(
      stream,
      ['three'],
      [settlement(stream, 'one', 'retracted'), settlement(stream, 'two', 'confirmed')],
    );
    expect(await incidentOf(stream)).toMatchObject({
      state: 'open',
      anomalyCount: 3,
      retractedCount: 1,
    });
    await record(stream, ['four'], []);
    expect(await incidentOf(stream)).toMatchObject({ anomalyCount: 4, retractedCount: 1 });
  });

  it('keep what was taken back from opening an incident with what comes after it', async () => {
    const stream = 'waiting';
    await record(stream, ['one'], []);
    await record(stream, ['two'], [settlement(stream, 'one', 'retracted')]);
    expect(await incidentOf(stream)).toBeUndefined();
    // Found and taken back in one batch.
    await record(stream, ['three'], [settlement(stream, 'three', 'retracted')]);
    expect(await incidentOf(stream)).toBeUndefined();
    await record(stream, ['four'], []);
    expect(await incidentOf(stream)).toMatchObject({ anomalyCount: 2, retractedCount: 0 });
    expect(await keysOf(`stream=${stream}`)).toEqual(['four', 'one', 'three', 'two']);
  });
});
