import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { announcedIds, differenceOf, NO_DIFFERENCE, storedAnomalies } from './found-anomalies';
import { eventually } from './http';
import { KafkaPeer } from './kafka-peer';
import { sumOf } from './metric-series';
import { overlappingOrders } from './overlapping-orders';
import { missingServices, ownDatabase, ownTopics } from './real-services';
import { Server } from './server';
import { ORDERS_STREAM } from './trained-orders';
import { trainedServices, type TrainedServices } from './trained-services';

const HOUR_MS = 3_600_000;
const PARTS = 6;
const missing = missingServices();
if (missing.length > 0) console.warn(`Skipped rebalances: ${missing.join(', ')} not set.`);

/** Sessions go on while their partitions change owners; the two share a group, a database and a bucket. */
describe('detectors that join and leave in the middle of detection', () => {
  let folder: string;
  let trained: TrainedServices;
  const fromMs = Date.now() - HOUR_MS;
  const common = { spacingMs: 60, longestPauseMs: 4_500 };
  const lines = overlappingOrders({
    ...common,
    seed: 21,
    orders: 4_000,
    fromMs,
    failingEvery: 50,
  });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'logbert-e2e-'));
    if (missing.length > 0) return;
    const ordinary = overlappingOrders({
      ...common,
      seed: 22,
      orders: 4_000,
      fromMs: fromMs - HOUR_MS,
    });
    trained = await trainedServices(join(folder, 'trainer'), ordinary);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  beforeEach((context) => context.skip(missing.length > 0, 'services are missing'));

  /** Ids and p-values of what is found in the end, and what was announced. */
  async function detect(changes: 'changing' | 'one') {
    const { environment: kafka, topics } = ownTopics(ORDERS_STREAM);
    const environment = {
      ...kafka,
      ...(await ownDatabase(trained.database)),
      ...trained.bucket,
      LOGBERT__LOGSTREAM__BATCHSIZE: '200',
      LOGBERT__DETECTION__CHECKPOINTMS: '50',
    };
    const peer = new KafkaPeer(topics.brokers);
    const start = (name: string) =>
      Server.start({ dataDirectory: join(folder, `${topics.groupId}-${name}`), environment });
    await using first = await start('first');
    for (let part = 0; part < PARTS; part++) {
      // It takes over a partition, works on it, and leaves: in an orderly way, or not.
      const second =
        changes === 'changing' && part % 2 === 0 ? await start(`second-${part}`) : undefined;
      const share = Math.ceil(lines.length / PARTS);
      const sent = lines.slice(part * share, (part + 1) * share);
      await peer.produce(
        topics.logs,
        sent.map(({ requestId, text }) => ({ key: requestId, value: text })),
      );
      if (!second) continue;
      await eventually(
        () => sumOf(second.url, 'logbert_lines_processed_total'),
        (processed) => processed > 0,
        { withinMs: 30_000 },
      );
      await second.stop(part % 4 === 0 ? 'SIGTERM' : 'SIGKILL');
    }
    const within = { withinMs: 90_000 };
    await eventually(
      () => peer.lagOf(topics.groupId, topics.logs),
      (lag) => lag === 0,
      within,
    );
    await eventually(
      () => sumOf(first.url, 'logbert_open_windows'),
      (open) => open === 0,
      within,
    );
    const stored = await storedAnomalies(first.url);
    return {
      found: stored.map(({ id, pValue }) => `${id} ${pValue}`),
      ids: stored.map(({ id }) => id),
      announced: await announcedIds(first.url),
    };
  }

  it('find what one alone finds, each anomaly once', { timeout: 400_000 }, async () => {
    const undisturbed = await detect('one');
    expect(undisturbed.found.length).toBeGreaterThanOrEqual(50);
    const changing = await detect('changing');
    expect(differenceOf(changing.found, undisturbed.found)).toEqual(NO_DIFFERENCE);
    expect(differenceOf(changing.announced, undisturbed.ids)).toEqual(NO_DIFFERENCE);
  });
});
