import { appendFile, cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  anomalySchema,
  type AnomalyVerdict,
  ingestReceiptSchema,
  ROUTES,
} from '@logbert/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  announcedIds,
  differenceOf,
  firstMessages,
  NO_DIFFERENCE,
  storedAnomalies,
} from './found-anomalies';
import { ask, eventually } from './http';
import { KafkaPeer } from './kafka-peer';
import { sumOf } from './metric-series';
import { type OrderLine, overlappingOrders } from './overlapping-orders';
import { seededRandom } from './order-logs';
import { ownTopics } from './real-services';
import { Server } from './server';
import { ORDERS_STREAM, trainOrders } from './trained-orders';

const STREAM = ORDERS_STREAM;
const HOUR_MS = 3_600_000;
const LINES_AT_ONCE = 2_000;
const KILLS = 4;

const messageSchema = z.intersection(anomalySchema, z.object({ eventId: z.int().positive() }));

/** A way for lines into the server, and one for anomalies out of it. */
interface Doors {
  readonly environment: Readonly<Record<string, string>>;
  send(server: Server, lines: readonly OrderLine[]): Promise<void>;
  /** What was published, in its order. */
  published(server: Server): Promise<readonly string[]>;
}

interface Transport {
  readonly name: string;
  readonly isMissing: boolean;
  readonly open: () => Promise<Doors>;
}

const SPOOL: Transport = {
  name: 'the spool',
  isMissing: false,
  open: async () => ({
    environment: {},
    send: async (server, lines) => {
      for (let start = 0; start < lines.length; start += LINES_AT_ONCE) {
        const body = lines.slice(start, start + LINES_AT_ONCE).map(({ text }) => `${text}\n`);
        await ask(`${server.url}${ROUTES.logs}?stream=${STREAM}`, ingestReceiptSchema, {
          method: 'POST',
          headers: { 'content-type': 'application/x-ndjson' },
          body: body.join(''),
          status: 202,
        });
      }
    },
    published: readOutlet,
  }),
};

/** The path is the same in every run, since the names of anomalies have the file's partition in them. */
const FILE_DIRECTORY = join(tmpdir(), `logbert-e2e-followed-${process.pid}`);
const FILES: Transport = {
  name: 'a followed file that is rotated',
  isMissing: false,
  open: async () => {
    const log = join(FILE_DIRECTORY, 'orders.log');
    let rotations = 0;
    // Before a server can read what the run before has left.
    await rm(FILE_DIRECTORY, { recursive: true, force: true });
    await mkdir(FILE_DIRECTORY);
    return {
      environment: { LOGBERT__LOGSTREAM__FILES: JSON.stringify([{ path: log, stream: STREAM }]) },
      send: async (_server, lines) => {
        for (let age = rotations++; age > 0; age--) {
          const younger = age === 1 ? log : `${log}.${age - 1}`;
          await rename(younger, `${log}.${age}`);
        }
        await appendFile(log, lines.map(({ text }) => `${text}\n`).join(''));
      },
      published: readOutlet,
    };
  },
};

const KAFKA: Transport = {
  name: 'Kafka',
  isMissing: process.env['LOGBERT_TEST_KAFKA'] === undefined,
  open: async () => {
    const { environment, topics } = ownTopics(STREAM);
    const peer = new KafkaPeer(topics.brokers);
    return {
      environment,
      send: (_server, lines) =>
        peer.produce(
          topics.logs,
          lines.map(({ requestId, text }) => ({ key: requestId, value: text })),
        ),
      published: () => peer.readAll(topics.anomalies),
    };
  },
};
if (KAFKA.isMissing) console.warn('Skipped restarts on Kafka: LOGBERT_TEST_KAFKA not set.');

async function readOutlet({ dataDirectory }: Server): Promise<readonly string[]> {
  const file = join(dataDirectory, 'outlet/anomalies.ndjson');
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line !== '');
}

interface Found {
  /** Each with its p-value, and with its final verdict. */
  readonly stored: readonly string[];
  readonly ids: readonly string[];
  readonly announced: readonly string[];
  readonly published: readonly string[];
}

describe('a server that is killed in the middle of detection', () => {
  let trained: string;
  const fromMs = Date.now() - HOUR_MS;
  const lines = overlappingOrders({
    seed: 11,
    orders: 4_000,
    fromMs,
    spacingMs: 60,
    longestPauseMs: 4_500,
    failingEvery: 50,
  });
  const directories: string[] = [];

  beforeAll(async () => {
    trained = await newDirectory();
    await mkdir(join(trained, 'imports'));
    const ordinary = overlappingOrders({
      seed: 12,
      orders: 4_000,
      fromMs: fromMs - HOUR_MS,
      spacingMs: 60,
      longestPauseMs: 4_500,
    });
    const file = join(trained, 'imports/orders.ndjson');
    await writeFile(file, ordinary.map(({ text }) => `${text}\n`).join(''));
    await using server = await Server.start({ dataDirectory: trained });
    await trainOrders(server);
    await mkdir(join(trained, 'followed'));
    await writeFile(join(trained, 'followed/identity'), 'the same in every run');
  });
  afterAll(async () => {
    const all = [...directories, FILE_DIRECTORY];
    for (const directory of all) await rm(directory, { recursive: true, force: true });
  });

  async function newDirectory(): Promise<string> {
    const directory = await mkdtemp(join(tmpdir(), 'logbert-e2e-'));
    directories.push(directory);
    return directory;
  }

  /** Sends every line, with so many kills on the way, and gives what was found in the end. */
  async function detect(doors: Doors, kills: number): Promise<Found> {
    const dataDirectory = await newDirectory();
    await cp(trained, dataDirectory, { recursive: true });
    const options = {
      dataDirectory,
      environment: {
        LOGBERT__LOGSTREAM__BATCHSIZE: '200',
        LOGBERT__DETECTION__CHECKPOINTMS: '50',
        ...doors.environment,
      },
    };
    const random = seededRandom(kills);
    let server = await Server.start(options);
    try {
      for (let part = 0; part <= kills; part++) {
        const share = lines.length / (kills + 1);
        await doors.send(server, lines.slice(part * share, (part + 1) * share));
        if (part === kills) break;
        const moment = 0.05 + 0.9 * random();
        await eventually(
          () => sumOf(server.url, 'logbert_lines_processed_total'),
          (processed) => processed > moment * share,
          { withinMs: 60_000 },
        );
        await server.stop('SIGKILL');
        server = await Server.start(options);
      }
      await eventually(
        () => sumOf(server.url, 'logbert_consumer_lag_records'),
        (lag) => lag === 0,
        { withinMs: 60_000 },
      );
      await eventually(
        () => sumOf(server.url, 'logbert_open_windows'),
        (open) => open === 0,
        { withinMs: 60_000 },
      );
      const stored = await storedAnomalies(server.url);
      const found = {
        stored: stored.map(({ id, pValue, verdict }) => `${id} ${pValue} ${toldOf(verdict)}`),
        ids: stored.map(({ id }) => id),
        announced: await announcedIds(server.url),
        published: await eventually(
          async () => idsOf(await doors.published(server)),
          (ids) => ids.length >= stored.length,
          { withinMs: 30_000 },
        ),
      };
      expect((await server.stop()).code).toBe(0);
      return found;
    } finally {
      await server.stop('SIGKILL');
    }
  }

  it.for([SPOOL, FILES, KAFKA])(
    'finds on $name what an undisturbed one finds, each anomaly once',
    { timeout: 360_000 },
    async ({ isMissing, open }, { skip }) => {
      skip(isMissing, 'LOGBERT_TEST_KAFKA is not set');
      const undisturbed = await detect(await open(), 0);
      expect(undisturbed.stored.length).toBeGreaterThanOrEqual(50);
      expect(differenceOf(undisturbed.announced, undisturbed.ids)).toEqual(NO_DIFFERENCE);
      expect(differenceOf(undisturbed.published, undisturbed.ids)).toEqual(NO_DIFFERENCE);

      const killed = await detect(await open(), KILLS);
      expect(differenceOf(killed.stored, undisturbed.stored)).toEqual(NO_DIFFERENCE);
      expect(differenceOf(killed.announced, undisturbed.ids)).toEqual(NO_DIFFERENCE);
      expect(differenceOf(killed.published, undisturbed.ids)).toEqual(NO_DIFFERENCE);
    },
  );
});

/** Ids of the anomalies; a message that was sent once more after a crash has the same event id and counts once. */
function idsOf(published: readonly string[]): readonly string[] {
  const messages = published.map((line) => messageSchema.parse(JSON.parse(line)));
  const byEvent = new Map(firstMessages(messages).map(({ eventId, id }) => [eventId, id]));
  return [...byEvent.values()];
}

/** When the verdict became final is a matter of the clock. */
function toldOf(verdict: AnomalyVerdict): string {
  return verdict.state === 'immediate' ? verdict.state : `${verdict.state} ${verdict.pValue}`;
}
