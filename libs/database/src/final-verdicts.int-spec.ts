import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Anomaly, anomalySchema, type Incident, incidentSchema } from '@logbert/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Settlement } from './anomaly-rows';
import type { Database } from './database';
import { openDatabase } from './open-database';

const url = process.env['LOGBERT_TEST_POSTGRES'];
const engines = [
  { engine: 'PGlite', url: null },
  ...(url === undefined ? [] : [{ engine: 'PostgreSQL', url }]),
];
const page = { limit: 50 };

describe.each(engines)('final verdicts on $engine', ({ url: engineUrl }) => {
  let directory: string;
  let database: Database;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'logbert-verdicts-'));
    database = await openDatabase({ url: engineUrl, directory: join(directory, 'database') });
  });
  afterAll(async () => {
    await database.close();
    await rm(directory, { recursive: true, force: true });
  });

  const newStream = () => `s${randomUUID().slice(0, 8)}`;
  const newAnomaly = (stream: string, firstAt = 1): Anomaly =>
    anomalySchema.parse({
      ...{ id: randomUUID().replaceAll('-', ''), stream, modelId: 'm', windowKey: 'w' },
      ...{ detectedAt: 1, firstAt, lastAt: 5, services: ['payment'], pValue: 0.001 },
      ...{ channels: [], decidingChannel: 'novelty', lines: [], missing: [], context: [] },
      ...{ culprits: [], incidentId: null },
    });
  const settlement = (
    { id }: Anomaly,
    state: Settlement['verdict']['state'],
    settledAt = 1_000_000_000_000,
  ): Settlement => ({ anomalyId: id, verdict: { state, settledAt, pValue: 0.25 } });

  it('change an anomaly once: the first word is the last', async () => {
    const { anomalies } = database.repositories;
    const stream = newStream();
    const [one, two, three] = [newAnomaly(stream, 3), newAnomaly(stream, 2), newAnomaly(stream, 1)];
    await anomalies.record([one, two, three]);
    expect(await anomalies.find(one.id)).toMatchObject({ verdict: { state: 'immediate' } });

    const changed = await anomalies.settle([
      settlement(two, 'retracted'),
      settlement(one, 'confirmed'),
      settlement(two, 'confirmed', 7),
      settlement(newAnomaly(stream), 'confirmed'),
    ]);
    const verdict = { state: 'retracted', settledAt: 1_000_000_000_000, pValue: 0.25 };
    expect(changed).toMatchObject([
      { id: two.id, stream, verdict },
      { id: one.id, verdict: { state: 'confirmed' } },
    ]);
    expect(await anomalies.settle([settlement(one, 'retracted', 9)])).toEqual([]);
    expect(await anomalies.settle([])).toEqual([]);
    expect(await anomalies.find(two.id)).toEqual({ ...two, verdict });
    expect(await anomalies.record([two])).toEqual([]);
    expect((await anomalies.find(two.id))?.verdict).toEqual(verdict);
    const texts = await anomalies.findTexts([two.id, 'unknown']);
    const told = { state: 'closed', incidentId: null, eventId: 7 } as const;
    expect([...texts.keys()]).toEqual([two.id]);
    const { verdict: kept } = (await anomalies.find(two.id)) ?? two;
    const json = texts.get(two.id)?.with({ ...told, verdict: kept }) ?? '';
    expect(JSON.parse(json)).toEqual({ ...two, ...told, verdict });
    expect(await anomalies.findTexts([])).toEqual(new Map());
  });

  it('are what anomalies can be asked for by', async () => {
    const { anomalies } = database.repositories;
    const stream = newStream();
    const [one, two, three] = [newAnomaly(stream, 3), newAnomaly(stream, 2), newAnomaly(stream, 1)];
    await anomalies.record([one, two, three]);
    await anomalies.settle([settlement(one, 'confirmed'), settlement(two, 'retracted')]);
    const idsOf = async (...verdicts: Anomaly['verdict']['state'][]) =>
      (await anomalies.list({ stream, verdicts, page })).items.map(({ id }) => id);
    expect(await idsOf('retracted')).toEqual([two.id]);
    expect(await idsOf('immediate', 'confirmed')).toEqual([one.id, three.id]);
    const heads = await anomalies.listHeads({ stream, page });
    expect(heads.items.map(({ verdict }) => verdict.state)).toEqual([
      'confirmed',
      'retracted',
      'immediate',
    ]);
    expect(Object.keys(heads.items[0] ?? {})).not.toContain('settledAt');
  });

  it('are counted for the incidents that they take something from', async () => {
    const { anomalies } = database.repositories;
    const stream = newStream();
    const [one, two, three] = [newAnomaly(stream), newAnomaly(stream), newAnomaly(stream)];
    await anomalies.record([one, two, three]);
    const [mixed, sound] = [randomUUID(), randomUUID()];
    await anomalies.assignIncidents(
      new Map([
        [one.id, mixed],
        [two.id, mixed],
        [three.id, sound],
      ]),
    );
    await anomalies.settle([
      settlement(one, 'retracted'),
      settlement(two, 'confirmed'),
      settlement(three, 'confirmed'),
    ]);
    expect(await anomalies.retractedOf([mixed, sound])).toEqual(new Map([[mixed, 1]]));
    expect(await anomalies.retractedOf([])).toEqual(new Map());
  });

  it('are none on what an earlier version has kept', async () => {
    const { anomalies, incidents } = database.repositories;
    const stream = newStream();
    const { verdict, rates, end, ...olderAnomaly } = newAnomaly(stream);
    expect(verdict).toEqual({ state: 'immediate' });
    await anomalies.record([olderAnomaly as Anomaly]);
    expect(await anomalies.find(olderAnomaly.id)).toMatchObject({ verdict, rates, end });

    const { retractedCount, ...olderIncident } = incidentSchema.parse({
      ...{ id: randomUUID(), stream, state: 'open', isAcknowledged: false, severity: 'low' },
      ...{ title: 'odd', openedAt: 1, lastSeenAt: 1, closedAt: null, anomalyCount: 1 },
      ...{ minPValue: 0.001, services: [], culprits: [], similar: [], topCause: null },
    });
    expect(retractedCount).toBe(0);
    await incidents.save(olderIncident as Incident);
    expect(await incidents.open(stream)).toEqual([{ ...olderIncident, retractedCount }]);
  });
});
