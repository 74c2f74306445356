import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Anomaly, anomalySchema, type Incident, incidentSchema } from '@logbert/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from './database';
import { openDatabase } from './open-database';

const url = process.env['LOGBERT_TEST_POSTGRES'];
const engines = [
  { engine: 'PGlite', url: null },
  ...(url === undefined ? [] : [{ engine: 'PostgreSQL', url }]),
];

describe.each(engines)('incidents on $engine', ({ url: engineUrl }) => {
  let directory: string;
  let database: Database;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'logbert-incidents-'));
    database = await openDatabase({ url: engineUrl, directory: join(directory, 'database') });
  });
  afterAll(async () => {
    await database.close();
    await rm(directory, { recursive: true, force: true });
  });

  const newStream = () => `s${randomUUID().slice(0, 8)}`;
  const newIncident = (stream: string, openedAt: number): Incident =>
    incidentSchema.parse({
      ...{ id: randomUUID(), stream, state: 'open', isAcknowledged: false, severity: 'low' },
      ...{ title: 'odd', openedAt, lastSeenAt: openedAt, closedAt: null, anomalyCount: 1 },
      ...{ retractedCount: 0, minPValue: 0.001, services: [], culprits: [], similar: [] },
      topCause: null,
    });
  const newAnomaly = (stream: string, change: Partial<Anomaly> = {}): Anomaly =>
    anomalySchema.parse({
      ...{ id: randomUUID().replaceAll('-', ''), stream, modelId: 'm', windowKey: 'w' },
      ...{ detectedAt: 1, firstAt: 1, lastAt: 5, services: ['payment'], pValue: 0.001 },
      ...{ channels: [], decidingChannel: 'novelty', lines: [], missing: [], context: [] },
      ...{ culprits: [], incidentId: null, ...change },
    });

  it('keeps incidents with fingerprints and what the grouper has not decided', async () => {
    const { incidents } = database.repositories;
    const stream = newStream();
    const [old, young] = [newIncident(stream, 1), newIncident(stream, 2)];
    await incidents.save(old, { a: 1 });
    await incidents.save(young, { b: 0.5 });
    await incidents.save({ ...old, state: 'closed', closedAt: 5 });

    expect(await incidents.open(stream)).toEqual([young]);
    expect(await incidents.find(old.id)).toMatchObject({ state: 'closed', closedAt: 5 });
    const closed = await incidents.list({ state: 'closed', stream, page: { limit: 5 } });
    expect(closed.items.map(({ id }) => id)).toEqual([old.id]);
    expect(
      (await incidents.recentFingerprints(stream, 5)).map(({ fingerprint }) => fingerprint),
    ).toEqual([{ b: 0.5 }, { a: 1 }]);

    expect(await incidents.pending(stream)).toBeUndefined();
    expect(await incidents.pendingState(stream)).toBeUndefined();
    const first = await incidents.savePending(stream, { waiting: [1] }, 1);
    expect(await incidents.pendingState(stream)).toEqual(first);
    expect(first?.bytes).toBeGreaterThan(4);
    const second = await incidents.savePending(stream, { waiting: [] }, 2);
    expect(second?.revision).not.toBe(first?.revision);
    expect(await incidents.pendingState(stream)).toEqual(second);
    expect(await incidents.pending(stream)).toEqual({ waiting: [] });
  });

  it('keeps many incidents at once, with and without a fingerprint of now', async () => {
    const { incidents } = database.repositories;
    const stream = newStream();
    const all = Array.from({ length: 205 }, (_, index) => newIncident(stream, index));
    await incidents.saveAll([]);
    await incidents.saveAll(all.map((incident) => ({ incident, fingerprint: { a: 1 } })));
    const [one, two] = all as [Incident, Incident];
    await incidents.saveAll([
      { incident: { ...one, title: 'another' } },
      { incident: two, fingerprint: { b: 1 } },
    ]);
    const ids = all.map(({ id }) => id);
    expect((await incidents.findAll(ids)).size).toBe(205);
    expect((await incidents.find(one.id))?.title).toBe('another');
    const prints = await incidents.recentFingerprints(stream, 205);
    expect(prints.slice(-2).map(({ fingerprint }) => fingerprint)).toEqual([{ b: 1 }, { a: 1 }]);
  });

  it('puts whole windows in the place of what was kept of open sessions, once', async () => {
    const { anomalies } = database.repositories;
    const stream = newStream();
    const open = Array.from({ length: 120 }, () => newAnomaly(stream, { state: 'open' }));
    const never = newAnomaly(stream, { state: 'closed' });
    await anomalies.record([...open, never]);
    const whole = open.map((anomaly, index): Anomaly => ({
      ...anomaly,
      ...{
        state: 'closed',
        early: { position: 0, at: 1, pValue: 0.01 },
        lastAt: index,
        pValue: 1e-300,
        services: ['a\0', '"'],
      },
    }));
    const [first] = whole as [Anomaly];
    const closed = await anomalies.close([...whole, { ...first, lastAt: 7_000 }, never]);
    expect(closed.map(({ id }) => id)).toEqual(whole.map(({ id }) => id));
    expect(closed[0]).toMatchObject({ lastAt: 0, pValue: 1e-300, services: ['a\uFFFD', '"'] });
    expect(await anomalies.find(first.id)).toMatchObject({ state: 'closed', lastAt: 0 });
    expect(await anomalies.close(whole)).toEqual([]);
    expect(await anomalies.close([])).toEqual([]);
  });
});
