import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { announcedIds, differenceOf, NO_DIFFERENCE, storedAnomalies } from './found-anomalies';
import { eventually } from './http';
import { KafkaPeer, type KeyedLine } from './kafka-peer';
import { sumOf } from './metric-series';
import { type OrderLine, overlappingOrders } from './overlapping-orders';
import { type KafkaTopics, missingServices, ownDatabase, ownTopics } from './real-services';
import { Server } from './server';
import { ORDERS_STREAM } from './trained-orders';
import { trainedServices, type TrainedServices } from './trained-services';

const run = promisify(execFile);
const HOUR_MS = 3_600_000;
const PARTITIONS = 4;
const PARTS = 4;
const missing = missingServices();
if (missing.length > 0) console.warn(`Skipped keying anew: ${missing.join(', ')} not set.`);

/** What is committed in the keyed topic, as another client has it. */
async function committedIn({ brokers, keyed }: KafkaTopics): Promise<readonly string[]> {
  const from = ['-C', '-e', '-q', '-b', brokers.join(','), '-t', keyed];
  const committed = ['-X', 'isolation.level=read_committed'];
  const { stdout } = await run('kcat', [...from, ...committed], { maxBuffer: 1e9 });
  return stdout.trimEnd().split('\n');
}

const isInstalled = (command: string) => !spawnSync(command, ['-V']).error;

/** Of one order no two lines have the same time: in which order they were written would be known to nobody. */
function keyedLines(
  orders: readonly OrderLine[],
): readonly Required<Omit<KeyedLine, 'partition'>>[] {
  const lastAtMs = new Map<string, number>();
  const lines = orders.map(({ requestId, text }) => {
    const fields = JSON.parse(text) as { readonly timestamp: string };
    const atMs = Math.max(Date.parse(fields.timestamp), (lastAtMs.get(requestId) ?? 0) + 1);
    lastAtMs.set(requestId, atMs);
    const value = JSON.stringify({ ...fields, timestamp: new Date(atMs).toISOString() });
    return { key: requestId, value, timestamp: String(atMs) };
  });
  return lines.sort((a, b) => Number(a.timestamp) - Number(b.timestamp));
}

/** Lines of a session come round robin over all partitions; detectors share a group, a database and a bucket. */
describe('lines that are keyed anew', () => {
  let folder: string;
  let trained: TrainedServices;
  const fromMs = Date.now() - HOUR_MS;
  const common = { spacingMs: 60, longestPauseMs: 3_000 };
  const orders = overlappingOrders({
    ...common,
    seed: 31,
    orders: 2_000,
    fromMs,
    failingEvery: 40,
  });
  const lines = keyedLines(orders);
  const scattered: readonly KeyedLine[] = lines.map((line, place) => ({
    ...line,
    key: null,
    partition: place % PARTITIONS,
  }));

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'logbert-e2e-'));
    if (missing.length > 0) return;
    const ordinary = overlappingOrders({
      ...common,
      seed: 32,
      orders: 3_000,
      fromMs: fromMs - HOUR_MS,
    });
    trained = await trainedServices(join(folder, 'trainer'), ordinary);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  beforeEach((context) => context.skip(missing.length > 0, 'services are missing'));

  async function detect(sent: readonly KeyedLine[], how: { rekey: boolean; kills: boolean }) {
    const { environment: kafka, topics } = ownTopics(ORDERS_STREAM);
    const environment = {
      ...kafka,
      ...(await ownDatabase(trained.database)),
      ...trained.bucket,
      LOGBERT__LOGSTREAM__KAFKA__REKEY: String(how.rekey),
      LOGBERT__LOGSTREAM__KAFKA__PARTITIONS: String(PARTITIONS),
      LOGBERT__LOGSTREAM__BATCHSIZE: '200',
      LOGBERT__DETECTION__CHECKPOINTMS: '50',
    };
    const peer = new KafkaPeer(topics.brokers);
    const start = (name: string) =>
      Server.start({ dataDirectory: join(folder, `${topics.groupId}-${name}`), environment });
    await using first = await start('first');
    const share = Math.ceil(sent.length / PARTS);
    for (let part = 0; part < PARTS; part++) {
      const second = how.kills && part % 2 === 0 ? await start(`second-${part}`) : undefined;
      await peer.produce(topics.logs, sent.slice(part * share, (part + 1) * share));
      if (!second) continue;
      await eventually(
        () => sumOf(second.url, 'logbert_lines_processed_total'),
        (processed) => processed > 0,
        { withinMs: 30_000 },
      );
      await second.stop('SIGKILL');
    }
    const within = { withinMs: 90_000 };
    const router = `${topics.groupId}.router`;
    await eventually(
      () => (how.rekey ? peer.lagOf(router, topics.logs) : Promise.resolve(0)),
      (lag) => lag === 0,
      within,
    );
    await eventually(
      () => peer.lagOf(topics.groupId, how.rekey ? topics.keyed : topics.logs),
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
      found: stored.map(({ windowKey, firstAt, lastAt, pValue, decidingChannel }) =>
        [windowKey, firstAt, lastAt, pValue, decidingChannel].join(' '),
      ),
      ids: stored.map(({ id }) => id),
      announced: await announcedIds(first.url),
      keyed: how.rekey && isInstalled('kcat') ? await committedIn(topics) : undefined,
    };
  }

  it('show the anomalies of lines that came well keyed', { timeout: 400_000 }, async () => {
    const wellKeyed = await detect(lines, { rekey: false, kills: false });
    expect(wellKeyed.found.length).toBeGreaterThanOrEqual(30);
    const keyedAnew = await detect(scattered, { rekey: true, kills: false });
    expect(differenceOf(keyedAnew.found, wellKeyed.found)).toEqual(NO_DIFFERENCE);
  });

  it('are there once each after detectors were killed', { timeout: 400_000 }, async () => {
    const killed = await detect(scattered, { rekey: true, kills: true });
    const { keyed } = killed;
    if (keyed) expect([...keyed].sort()).toEqual(lines.map(({ value }) => value).sort());
    expect(differenceOf(killed.announced, killed.ids)).toEqual(NO_DIFFERENCE);
  });
});
