import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  anomalySchema,
  LIVE_EVENTS,
  modelSchema,
  pageSchema,
  ROUTES,
  streamSchema,
  streamSettingsSchema,
  trainingJobSchema,
} from '@logbert/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EventStream } from './event-stream';
import {
  differenceOf,
  firstMessages,
  idsIn,
  NO_DIFFERENCE,
  storedAnomalies,
} from './found-anomalies';
import { blockOf, type HdfsLogs, missingHdfsLogs, readHdfsLogs } from './hdfs-logs';
import { ask, eventually, json } from './http';
import { KafkaPeer } from './kafka-peer';
import { sumOf } from './metric-series';
import {
  type KafkaTopics,
  listBucket,
  missingServices,
  ownBucket,
  ownDatabase,
  ownTopics,
} from './real-services';
import { Server } from './server';

const STREAM = 'hdfs';
const SETTINGS = streamSettingsSchema.parse({
  format: { kind: 'text', pattern: '<Date> <Time> <Pid> <Level> <Component>: <Content>' },
  sessionKey: { pattern: 'blk_-?\\d+' },
  window: { kind: 'session', idleMs: 15_000, maxLength: 64 },
  alertBudget: 0.01,
});
const BUNDLE = [
  'calibration.json',
  'manifest.json',
  'metrics.json',
  'model.onnx',
  'templates.json',
  'vocabulary.json',
];

interface Profile {
  readonly name: string;
  /** What the profile needs and is not there. */
  readonly missing: readonly string[];
  readonly settings: () => Promise<Readonly<Record<string, string>>>;
  /** Where the earlier lines are when the server is told to learn from them. */
  readonly trainsOn: 'a file' | 'the topic';
  /** Names of what the artifact store holds. */
  readonly artifacts: (
    dataDirectory: string,
    settings: Readonly<Record<string, string>>,
  ) => Promise<readonly string[]>;
}

const dataNeeds = missingHdfsLogs === undefined ? [] : [missingHdfsLogs];
const EMBEDDED: Profile = {
  name: 'with PGlite and files',
  missing: [...missingServices().filter((name) => name === 'LOGBERT_TEST_KAFKA'), ...dataNeeds],
  settings: () => Promise.resolve({}),
  trainsOn: 'a file',
  artifacts: (dataDirectory) => readdir(join(dataDirectory, 'artifacts'), { recursive: true }),
};
const CLUSTER: Profile = {
  name: 'with PostgreSQL and S3',
  missing: [...missingServices(), ...dataNeeds],
  settings: async () => ({ ...(await ownDatabase()), ...(await ownBucket()) }),
  trainsOn: 'the topic',
  artifacts: (_dataDirectory, settings) => listBucket(settings),
};
for (const { name, missing } of [EMBEDDED, CLUSTER]) {
  if (missing.length === 0) continue;
  console.warn(`Skipped HDFS through Kafka ${name}: no ${missing.join(', ')}.`);
}

/** Real lines, unlabelled and contaminated; the labels are only looked at afterwards. */
describe.for([EMBEDDED, CLUSTER])('HDFS logs through Kafka, $name', (profile) => {
  const isSkipped = profile.missing.length > 0;
  let dataDirectory: string;
  let settings: Readonly<Record<string, string>>;
  let topics: KafkaTopics;
  let peer: KafkaPeer;
  let server: Server;
  let events: EventStream;
  let logs: HdfsLogs;
  let sent = 0;

  beforeAll(async () => {
    if (isSkipped) return;
    logs = await readHdfsLogs();
    dataDirectory = await mkdtemp(join(tmpdir(), 'logbert-e2e-'));
    const own = ownTopics(STREAM);
    topics = own.topics;
    peer = new KafkaPeer(topics.brokers);
    settings = await profile.settings();
    server = await Server.start({
      dataDirectory,
      environment: { ...own.environment, ...settings },
    });
    events = await EventStream.open(`${server.url}${ROUTES.events}`);
    const url = `${server.url}${ROUTES.stream.replace(':name', STREAM)}`;
    await ask(url, streamSchema, json('PUT', SETTINGS));
  });
  afterAll(async () => {
    if (isSkipped) return;
    await events[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    await rm(dataDirectory, { recursive: true, force: true });
  });

  async function send(lines: readonly string[]): Promise<void> {
    const keyed = lines.map((line) => ({ key: blockOf(line), value: line }));
    await peer.produce(topics.logs, keyed);
    sent += lines.length;
    await eventually(
      () => sumOf(server.url, 'logbert_lines_processed_total', [`stream="${STREAM}"`]),
      (processed) => processed === sent,
      { withinMs: 120_000 },
    );
  }

  /** Puts the earlier lines where the server is to find them. */
  async function sourceOfEarlier(): Promise<object> {
    if (profile.trainsOn === 'a file') {
      const file = join(dataDirectory, 'imports/hdfs.log');
      await mkdir(join(dataDirectory, 'imports'), { recursive: true });
      await writeFile(file, logs.earlier.join('\n'), 'latin1');
      return { kind: 'file', path: 'hdfs.log' };
    }
    const fromMs = Date.now();
    await send(logs.earlier);
    return { kind: 'stream', fromMs, toMs: Date.now() + 1 };
  }

  it.skipIf(isSkipped)(`learns from ${profile.trainsOn} what came before noon`, async () => {
    const request = {
      stream: STREAM,
      source: await sourceOfEarlier(),
      options: { epochs: 6 },
    };
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
    expect(job.progress.lines).toBe(logs.earlier.length);
    // Each block lies in one partition, so that its sessions are whole wherever the lines came from.
    expect(job.progress.windows).toBeGreaterThan(20_000);
    expect(job.progress.windows).toBeLessThan(23_000);
  });

  it.skipIf(isSkipped)('keeps the bundle in the artifact store', async () => {
    const { items } = await ask(
      `${server.url}${ROUTES.models}?stream=${STREAM}`,
      pageSchema(modelSchema),
    );
    const [model] = items;
    expect(model).toMatchObject({ version: 1, isActive: true });
    const artifacts = await profile.artifacts(dataDirectory, settings);
    const files = artifacts.filter((name) => name.includes(`${model?.id}/`));
    expect(files.map((name) => name.slice(name.lastIndexOf('/') + 1)).sort()).toEqual(BUNDLE);
    const isEmbedded = profile === EMBEDDED;
    expect(existsSync(join(dataDirectory, 'database'))).toBe(isEmbedded);
    expect(existsSync(join(dataDirectory, 'artifacts'))).toBe(isEmbedded);
  });

  it.skipIf(isSkipped)('reads every line that came after, and commits it', async () => {
    await send(logs.later);
    // What is still open at the end of the lines is closed by silence of the wall clock.
    await eventually(
      () => peer.lagOf(topics.groupId, topics.logs),
      (lag) => lag === 0,
      { withinMs: 60_000 },
    );
    const sums = ['lines_processed', 'decode_failures', 'records_parked'].map((name) =>
      sumOf(server.url, `logbert_${name}_total`),
    );
    expect(await Promise.all(sums)).toEqual([sent, 0, 0]);
    expect(await sumOf(server.url, 'logbert_consumer_lag_records')).toBe(0);
    expect(await peer.readAll(topics.deadLetters)).toEqual([]);
  });

  it.skipIf(isSkipped)('tells the same anomalies in topic, database and event stream', async () => {
    const stored = (await storedAnomalies(server.url)).map(({ id }) => id);
    expect(stored.length).toBeGreaterThan(50);
    const values = await peer.readAll(topics.anomalies);
    const messages = values.map((value) => anomalySchema.parse(JSON.parse(value)));
    const published = firstMessages(messages).map(({ id }) => id);
    expect(differenceOf(published, stored)).toEqual(NO_DIFFERENCE);
    expect(differenceOf(idsIn(events), stored)).toEqual(NO_DIFFERENCE);
  });

  it.skipIf(isSkipped)(
    'finds most blocks that are labelled anomalous, and few others',
    async () => {
      const flagged = new Set(
        (await storedAnomalies(server.url)).map(({ windowKey }) => windowKey),
      );
      const figures = [true, false].map((isAnomalous) => {
        const blocks = [...logs.labels].filter(([, label]) => label === isAnomalous);
        const found = blocks.filter(([block]) => flagged.has(block)).length;
        return { blocks: blocks.length, found, share: found / blocks.length };
      });
      const [anomalous, normal] = figures;
      const told = figures.map(({ found, blocks }) => `${found} of ${blocks}`).join(' and ');
      console.log(`HDFS ${profile.name}: anomalous and normal blocks flagged: ${told}`);
      expect(anomalous?.blocks).toBe(67);
      expect(anomalous?.share).toBeGreaterThan(0.5);
      expect(normal?.share).toBeLessThan(0.02);
    },
  );
});
