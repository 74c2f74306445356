import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Anomaly,
  anomalySchema,
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

describe('an anomaly of a session that is open', () => {
  let server: TestServer;
  let database: Database;

  beforeAll(async () => {
    server = await startTestServer({ incidents: { idleMs: 600_000, openAtEvidence: 4 } });
    database = server.application.nest.get<Database>(DATABASE);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const record = (anomalies: readonly Anomaly[], settlements: readonly Settlement[] = []) =>
    server.application.nest.get(IncidentRecorder).record({
      stream: anomalies[0]?.stream ?? '',
      anomalies,
      settlements,
      templateCounts: [],
      novelTemplates: [],
    });
  const both = (stream: string): readonly [Anomaly, Anomaly] => {
    const open = anomalyOf('one', {
      ...{ stream, firstAt: 1_000, lastAt: 1_010, pValue: 1e-5, state: 'open' },
      early: { position: 1, at: 1_010, pValue: 1e-5 },
    });
    const lines = [...open.lines, ...open.lines.slice(0, 1)];
    return [open, { ...open, state: 'closed', lines, lastAt: 9_000, pValue: 1e-6 }];
  };
  const kept = async (stream: string, filter = ''): Promise<readonly Anomaly[]> => {
    const answer = await request(server.url).get(`${ROUTES.anomalies}?stream=${stream}${filter}`);
    return anomalySchema.array().parse(answer.body.items);
  };
  const told = async (stream: string): Promise<readonly LiveEvent[]> => {
    const events = await database.repositories.events.after(0, 1_000);
    const types: readonly string[] = [
      LIVE_EVENTS.anomaly,
      LIVE_EVENTS.anomalyClosed,
      LIVE_EVENTS.verdict,
    ];
    return events
      .map(({ event }) => event)
      .filter(
        ({ type, data }) => types.includes(type) && 'stream' in data && data.stream === stream,
      );
  };

  it('is kept and announced at once, in an incident, and replaced by the whole when it is closed', async () => {
    const [open, closed] = both('growing');
    await record([open]);
    const [first] = await kept('growing');
    expect(first).toEqual({ ...open, incidentId: first?.incidentId });
    expect(first?.incidentId).not.toBeNull();
    expect(await kept('growing', '&state=open')).toEqual([first]);
    await record([closed]);
    expect(await kept('growing', '&state=open')).toEqual([]);
    expect(await kept('growing')).toEqual([{ ...closed, incidentId: first?.incidentId }]);
    expect(await told('growing')).toMatchObject([
      { type: 'anomaly', data: { id: open.id, state: 'open', lastAt: 1_010 } },
      {
        type: 'anomaly-closed',
        data: { id: open.id, state: 'closed', lastAt: 9_000, incidentId: first?.incidentId },
      },
    ]);
  });

  it('lowers the smallest p-value of its incident when the whole is less probable', async () => {
    const [open, closed] = both('lowered');
    await record([open]);
    const incidentId = (await kept('lowered'))[0]?.incidentId ?? '';
    const smallest = async () =>
      (await database.repositories.incidents.find(incidentId))?.minPValue;
    expect(await smallest()).toBe(open.pValue);
    await record([closed]);
    expect(await smallest()).toBe(closed.pValue);
    const events = await database.repositories.events.after(0, 1_000);
    const told = events.flatMap(({ event }) =>
      event.type === 'incident' && event.data.id === incidentId ? [event.data.minPValue] : [],
    );
    expect(told).toEqual([open.pValue, closed.pValue]);
    // One more anomaly of it does not raise it again.
    await record([
      anomalyOf('two', { stream: 'lowered', firstAt: 1_000, lastAt: 1_010, pValue: 1e-4 }),
    ]);
    expect(await smallest()).toBe(closed.pValue);
  });

  it('changes nothing when its lines are read again', async () => {
    const [open, closed] = both('replayed');
    await record([open]);
    await record([{ ...open, detectedAt: open.detectedAt + 1 }]);
    await record([open, closed]);
    await record([open]);
    await record([{ ...closed, detectedAt: 1 }]);
    expect(await kept('replayed')).toEqual([{ ...closed, incidentId: expect.any(String) }]);
    expect((await told('replayed')).map(({ type }) => type)).toEqual(['anomaly', 'anomaly-closed']);
  });

  it('is told twice when a batch has the line that shows it and the end of the session', async () => {
    const [open, closed] = both('together');
    await record([open, closed]);
    expect(await told('together')).toMatchObject([
      { type: 'anomaly', data: { state: 'open' } },
      { type: 'anomaly-closed', data: { state: 'closed', incidentId: expect.any(String) } },
    ]);
    const outlet = join(server.locations.dataDirectory, 'outlet', 'anomalies.ndjson');
    const published = async () => {
      const text = await readFile(outlet, 'utf8').catch(() => '');
      const lines = text.split('\n').filter((line) => line.includes('"together"'));
      return lines.map((line) => anomalySchema.parse(JSON.parse(line)).state);
    };
    await expect.poll(published, { timeout: DEADLINE_MS }).toEqual(['open', 'closed']);
  });

  it('is taken back with its incident when the whole window is not abnormal', async () => {
    const [open, closed] = both('taken');
    await record([open]);
    const verdict = { state: 'retracted', settledAt: 9, pValue: 0.2 } as const;
    await record([closed], [{ anomalyId: open.id, verdict }]);
    expect(await kept('taken')).toMatchObject([{ state: 'closed', verdict }]);
    expect((await told('taken')).map(({ type }) => type)).toEqual([
      'anomaly',
      'anomaly-closed',
      'verdict',
    ]);
    const incidents = await request(server.url).get(`${ROUTES.incidents}?stream=taken`);
    expect(incidents.body.items).toMatchObject([{ state: 'closed', retractedCount: 1 }]);
  });
});
