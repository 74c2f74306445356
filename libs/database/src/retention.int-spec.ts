import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Anomaly, type Incident, LIVE_EVENTS } from '@logbert/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from './database';
import { openDatabase } from './open-database';

const url = process.env['LOGBERT_TEST_POSTGRES'];
const engines = [
  { engine: 'PGlite', url: null },
  ...(url === undefined ? [] : [{ engine: 'PostgreSQL', url }]),
];
/** Older than anything else on a server that tests share. */
const LONG_AGO = 1_000;

describe.each(engines)('retention on $engine', ({ url: engineUrl }) => {
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

  const anomalyOf = (stream: string): Anomaly => ({
    id: randomUUID().replaceAll('-', ''),
    stream,
    modelId: 'm',
    state: 'closed',
    early: null,
    windowKey: 'w',
    detectedAt: 1,
    firstAt: 1,
    lastAt: 2,
    services: [],
    pValue: 0.001,
    channels: [],
    decidingChannel: 'rarity',
    lines: [],
    missing: [],
    end: null,
    rates: [],
    context: [],
    culprits: [],
    incidentId: null,
    verdict: { state: 'immediate' },
  });
  const incidentOf = (stream: string, state: Incident['state']): Incident => ({
    id: randomUUID(),
    stream,
    state,
    severity: 'low',
    title: 't',
    openedAt: 1,
    lastSeenAt: 2,
    closedAt: state === 'closed' ? 3 : null,
    services: [],
    anomalyCount: 1,
    retractedCount: 0,
    minPValue: 0.001,
    culprits: [],
    topCause: null,
    similar: [],
    isAcknowledged: false,
  });

  it('takes anomalies by when they were written, with their feedback, a batch at a time', async () => {
    const { anomalies, feedback } = database.repositories;
    const stream = `s${randomUUID().slice(0, 8)}`;
    const old = [1, 2, 3].map(() => anomalyOf(stream));
    await anomalies.record(old, LONG_AGO);
    // Its lines are as old, but it was found today.
    const recent = anomalyOf(stream);
    await anomalies.record([recent]);
    await feedback.add(old[0]?.id ?? '', { verdict: 'confirmed', comment: '' }, 1);
    expect(await anomalies.prune(LONG_AGO + 1, 2)).toBe(2);
    expect(await anomalies.prune(LONG_AGO + 1, 2)).toBe(1);
    expect(await anomalies.prune(LONG_AGO + 1, 2)).toBe(0);
    const left = await anomalies.list({ stream, page: { limit: 10 } });
    expect(left.items.map(({ id }) => id)).toEqual([recent.id]);
    expect(await feedback.ofAnomaly(old[0]?.id ?? '')).toEqual([]);
  });

  it('takes closed incidents, never open ones', async () => {
    const { incidents } = database.repositories;
    const stream = `s${randomUUID().slice(0, 8)}`;
    const [closed, open] = [incidentOf(stream, 'closed'), incidentOf(stream, 'open')];
    for (const incident of [closed, open]) await incidents.save(incident, {}, LONG_AGO);
    expect(await incidents.prune(LONG_AGO + 1, 10)).toBe(1);
    expect(await incidents.find(closed.id)).toBeUndefined();
    expect(await incidents.find(open.id)).toBeDefined();
    await incidents.save({ ...open, state: 'closed' });
    expect(await incidents.prune(LONG_AGO + 1, 10)).toBe(0);
  });

  it('takes no event that is not published yet', async () => {
    const { events } = database.repositories;
    const stream = `s${randomUUID().slice(0, 8)}`;
    const ids: number[] = [];
    for (let count = 0; count < 3; count++) {
      const data = incidentOf(stream, 'open');
      ids.push(await events.append({ type: LIVE_EVENTS.incident, data }, LONG_AGO));
    }
    const [first = 0, second = 0, third = 0] = ids;
    expect(await events.prune(LONG_AGO + 1, second, 1)).toBe(1);
    expect(await events.prune(LONG_AGO + 1, second, 10)).toBe(1);
    const left = (await events.after(first - 1, 10)).map(({ id }) => id);
    expect(left).toContain(third);
    expect(left).not.toContain(second);
    expect(await events.prune(LONG_AGO + 1, third, 10)).toBe(1);
  });
});
