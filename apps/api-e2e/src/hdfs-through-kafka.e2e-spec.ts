import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import {
  anomalyHeadSchema,
  anomalySchema,
  LIVE_EVENTS,
  pageSchema,
  ROUTES,
  streamSchema,
  streamSettingsSchema,
  trainingJobSchema,
} from '@logbert/contracts';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EventStream } from './event-stream';
import { ask, eventually, json } from './http';
import { type KafkaTopics, ownTopics } from './real-services';
import { Server } from './server';

const DATA =
  process.env['LOGBERT_DATA'] ?? fileURLToPath(new URL('../../../../shared/data', import.meta.url));
const LOG = join(DATA, 'hdfs-raw/hdfs_raw.log.gz');
const LABELS = join(DATA, 'hdfs-raw/labels.csv.gz');
const BROKERS = process.env['LOGBERT_TEST_KAFKA'];
const missing = [
  ...(BROKERS === undefined ? ['LOGBERT_TEST_KAFKA is not set'] : []),
  ...(existsSync(LOG) ? [] : [`there is no ${LOG}`]),
];
if (missing.length > 0) console.warn(`Skipped HDFS through Kafka: ${missing.join(', ')}.`);

const STREAM = 'hdfs';
const BEFORE = '081110 120000';
const LINES_AT_ONCE = 1_000;

/** Real lines, unlabelled, contaminated training; the labels are only looked at afterwards. */
describe.skipIf(missing.length > 0)('HDFS logs through Kafka', () => {
  let server: Server;
  let events: EventStream;
  let topics: KafkaTopics;
  let dataDirectory: string;
  let tested: readonly string[];
  let begun: ReadonlySet<string>;
  let published: readonly string[];

  beforeAll(async () => {
    dataDirectory = await mkdtemp(join(tmpdir(), 'logbert-e2e-'));
    const lines = gunzipSync(await readFile(LOG))
      .toString('latin1')
      .split('\n')
      .filter(Boolean);
    const split = lines.findIndex((line) => line.slice(0, BEFORE.length) >= BEFORE);
    await mkdir(join(dataDirectory, 'imports'));
    await writeFile(join(dataDirectory, 'imports/hdfs.log'), lines.slice(0, split).join('\n'));
    tested = lines.slice(split);
    begun = blocksOf(lines.slice(0, split));
    const own = ownTopics(STREAM);
    topics = own.topics;
    server = await Server.start({ dataDirectory, environment: own.environment });
    events = await EventStream.open(`${server.url}${ROUTES.events}`);
  });
  afterAll(async () => {
    await events[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    await rm(dataDirectory, { recursive: true, force: true });
  });

  const kafka = () =>
    new Kafka({ brokers: [...topics.brokers], clientId: 'e2e', logLevel: logLevel.NOTHING });

  it('trains on the lines of the first day', async () => {
    const settings = streamSettingsSchema.parse({
      format: { kind: 'text', pattern: '<Date> <Time> <Pid> <Level> <Component>: <Content>' },
      sessionKey: { pattern: 'blk_-?\\d+' },
    });
    const url = `${server.url}${ROUTES.stream.replace(':name', STREAM)}`;
    await ask(url, streamSchema, json('PUT', settings));
    const request = { stream: STREAM, source: { kind: 'file', path: 'hdfs.log' } };
    const { id } = await ask(`${server.url}${ROUTES.trainingJobs}`, trainingJobSchema, {
      ...json('POST', request),
      status: 202,
    });
    const job = await events.find(
      LIVE_EVENTS.training,
      (seen) => seen.id === id && seen.finishedAt !== null,
      { withinMs: 170_000 },
    );
    expect(job.error).toBeNull();
  });

  it('reads the lines of the second day from the topic to their end', async () => {
    const producer = kafka().producer();
    await producer.connect();
    for (let start = 0; start < tested.length; start += LINES_AT_ONCE) {
      const messages = tested.slice(start, start + LINES_AT_ONCE).map((line) => ({
        key: /blk_-?\d+/.exec(line)?.[0] ?? null,
        value: line,
      }));
      await producer.send({ topic: topics.logs, messages });
    }
    await producer.disconnect();
    const processed = new RegExp(`logbert_lines_processed_total\\{stream="${STREAM}"\\} (\\d+)`);
    await eventually(
      async () => {
        const text = await (await fetch(`${server.url}${ROUTES.metrics}`)).text();
        return Number(processed.exec(text)?.[1] ?? 0);
      },
      (count) => count === tested.length,
      { withinMs: 120_000 },
    );
  });

  it('publishes anomalies to the topic', async () => {
    // Sessions that the end of the lines left open close by silence.
    const openWindows = new RegExp(`logbert_open_windows\\{stream="${STREAM}"\\} 0`);
    await eventually(
      async () => (await fetch(`${server.url}${ROUTES.metrics}`)).text(),
      (text) => openWindows.test(text),
      { withinMs: 60_000 },
    );
    // An anomaly is published when it is in the database, shortly after.
    published = await eventually(
      () => readTopic(kafka(), topics.anomalies),
      (ids) => new Set(ids).size > 20,
      { withinMs: 30_000 },
    );
    expect(new Set(published).size).toBe(published.length);
  });

  it('has the same anomalies in the database and the event stream', async () => {
    const stored = await eventually(
      async () => {
        const ids = (await listAnomalies(server.url)).map(({ id }) => id).sort();
        published = await readTopic(kafka(), topics.anomalies);
        return ids;
      },
      (ids) => ids.length === published.length,
      { withinMs: 30_000 },
    );
    expect(stored).toEqual([...published].sort());
    const announced = events.received.flatMap(({ event }) =>
      event.type === LIVE_EVENTS.anomaly ? [event.data.id] : [],
    );
    expect(announced.sort()).toEqual([...published].sort());
  });

  it('finds blocks that are labelled anomalous, and few others', async () => {
    const found = new Set((await listAnomalies(server.url)).map(({ windowKey }) => windowKey));
    const labels = await readLabels();
    // A block that began before has lost its beginning, which is an oddity of the cut.
    const blocks = [...blocksOf(tested)].filter((block) => labels.has(block) && !begun.has(block));
    const anomalous = blocks.filter((block) => labels.get(block) === true);
    const normal = blocks.filter((block) => labels.get(block) === false);
    const share = (group: readonly string[]) =>
      group.filter((block) => found.has(block)).length / group.length;
    console.log(
      `found ${share(anomalous).toFixed(3)} of ${anomalous.length} anomalous blocks and ` +
        `${share(normal).toFixed(4)} of ${normal.length} normal ones`,
    );
    expect(share(anomalous)).toBeGreaterThan(0.25);
    expect(share(normal)).toBeLessThan(0.03);
  });
});

function blocksOf(lines: readonly string[]): ReadonlySet<string> {
  return new Set(lines.flatMap((line) => /blk_-?\d+/.exec(line)?.[0] ?? []));
}

async function listAnomalies(url: string) {
  const anomalies = [];
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? '' : `&cursor=${cursor}`;
    const page: { items: readonly unknown[]; nextCursor: string | null } = await ask(
      `${url}${ROUTES.anomalies}?view=head&limit=200${query}`,
      pageSchema(anomalyHeadSchema),
    );
    anomalies.push(...anomalyHeadSchema.array().parse(page.items));
    cursor = page.nextCursor;
  } while (cursor !== null);
  return anomalies;
}

/** The ids in a topic, from its beginning to where it ends now. */
async function readTopic(kafka: Kafka, topic: string): Promise<readonly string[]> {
  const admin = kafka.admin();
  await admin.connect();
  const offsets = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  let left = offsets.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0);
  const ids: string[] = [];
  if (left === 0) return ids;
  const consumer = kafka.consumer({ groupId: `e2e-${randomUUID()}` });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await new Promise<void>((resolve) => {
    void consumer.run({
      eachMessage: ({ message }) => {
        ids.push(anomalySchema.parse(JSON.parse(String(message.value))).id);
        if (--left === 0) resolve();
        return Promise.resolve();
      },
    });
  });
  await consumer.disconnect();
  return ids;
}

async function readLabels(): Promise<ReadonlyMap<string, boolean>> {
  const rows = gunzipSync(await readFile(LABELS))
    .toString()
    .split('\n')
    .slice(1);
  return new Map(
    rows.filter(Boolean).map((row) => {
      const [block = '', label] = row.split(',');
      return [block, label === 'Anomaly'];
    }),
  );
}
