import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import {
  ROUTES,
  streamSettingsSchema,
  type TrainingJob,
  trainingJobSchema,
} from '@logbert/contracts';
import { Client } from 'pg';
import { ServerClient } from '../../demo/server-client';
import { MeasurementFailure } from '../measurement-failure';
import { Gate } from './gate';
import { orderStream } from './order-stream';
import { ServerProcess, type Settings } from './server-process';
import { ServiceScript } from './service-script';

export const CHAOS_STREAM = 'orders';
const TRAINING_LINES = 20_000;
/** Longer than orders pause between two lines, also when the next share of them waits for a server to come back. */
const IDLE_MS = 15_000;
const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };

/** The services that detectors depend on, each of which can fail, and a trained model in them. */
export class ChaosSite implements AsyncDisposable {
  private trained: Settings = {};

  private constructor(
    readonly folder: string,
    readonly kafka: ServiceScript,
    readonly postgres: ServiceScript,
    readonly s3: Gate,
    private readonly bucket: Settings,
    private readonly parts: readonly AsyncDisposable[],
  ) {}

  /** @param untilMs epoch milliseconds before which the training lines end */
  static async build(folder: string, untilMs: number): Promise<ChaosSite> {
    const parts: AsyncDisposable[] = [];
    const started = async <Part extends AsyncDisposable>(starting: Promise<Part>) => {
      const part = await starting;
      parts.push(part);
      return part;
    };
    try {
      const postgres = await started(ServiceScript.start('postgres.mjs', 'LOGBERT_TEST_POSTGRES'));
      const s3 = await started(ServiceScript.start('s3-server.mjs', 'LOGBERT_TEST_S3'));
      const kafka = await started(ServiceScript.start('kafka-broker.mjs', 'KAFKA_BROKERS'));
      const gate = await started(Gate.open(s3.address));
      const bucket = await makeBucket(gate.address);
      const site = new ChaosSite(folder, kafka, postgres, gate, bucket, parts);
      await site.train(untilMs);
      return site;
    } catch (error) {
      await disposeAll(parts);
      throw error;
    }
  }

  /** Settings of the servers of one run: topics and a copy of the database for themselves, and the trained model. */
  async newRun(): Promise<{ readonly settings: Settings; readonly topics: RunTopics }> {
    const run = randomUUID().slice(0, 8);
    const topics = {
      groupId: `chaos-${run}`,
      logs: `logs-${run}`,
      anomalies: `anomalies-${run}`,
      deadLetters: `logs-${run}.dlq`,
    };
    const settings = {
      ...(await this.newDatabase(this.trained['LOGBERT__DATABASE__URL'])),
      ...this.bucket,
      LOGBERT__LOGSTREAM__KIND: 'kafka',
      LOGBERT__LOGSTREAM__KAFKA__BROKERS: JSON.stringify([this.kafka.address]),
      LOGBERT__LOGSTREAM__KAFKA__GROUPID: topics.groupId,
      LOGBERT__LOGSTREAM__KAFKA__LOGS: JSON.stringify([
        { topic: topics.logs, stream: CHAOS_STREAM },
      ]),
      LOGBERT__LOGSTREAM__KAFKA__ANOMALIESTOPIC: topics.anomalies,
      LOGBERT__LOGSTREAM__KAFKA__INCIDENTSTOPIC: `incidents-${run}`,
      LOGBERT__LOGSTREAM__KAFKA__DEADLETTERTOPIC: topics.deadLetters,
      LOGBERT__LOGSTREAM__KAFKA__CREATETOPICS: 'true',
    };
    return { settings, topics };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await disposeAll(this.parts);
  }

  private async train(untilMs: number): Promise<void> {
    this.trained = await this.newDatabase();
    const dataDirectory = join(this.folder, 'trainer');
    await writeTrainingLines(dataDirectory, untilMs);
    await using server = await ServerProcess.start({
      dataDirectory,
      settings: { ...this.trained, ...this.bucket },
      logFile: join(this.folder, 'trainer.log'),
    });
    await trainOrders(server.url);
    await server.stop();
  }

  private async newDatabase(template?: string): Promise<Settings> {
    const name = `chaos_${randomUUID().replaceAll('-', '')}`;
    const client = new Client({ connectionString: this.postgres.address });
    await client.connect();
    try {
      const copied = template === undefined ? undefined : new URL(template).pathname.slice(1);
      await client.query(`CREATE DATABASE ${name}${copied ? ` TEMPLATE ${copied}` : ''}`);
    } finally {
      await client.end();
    }
    const url = new URL(this.postgres.address);
    url.pathname = `/${name}`;
    return { LOGBERT__DATABASE__URL: url.href };
  }
}

export interface RunTopics {
  readonly groupId: string;
  readonly logs: string;
  readonly anomalies: string;
  readonly deadLetters: string;
}

/** Writes ordinary orders where a training request finds them. */
export async function writeTrainingLines(dataDirectory: string, untilMs: number): Promise<void> {
  await mkdir(join(dataDirectory, 'imports'), { recursive: true });
  const lines = [...orderStream({ seed: 1, lines: TRAINING_LINES, untilMs })];
  const text = lines.map((line) => `${line.text}\n`).join('');
  await writeFile(join(dataDirectory, 'imports/orders.ndjson'), text);
}

/** Has a server learn orders from the lines that were written. */
export async function trainOrders(url: string): Promise<void> {
  const client = new ServerClient(url, undefined, new AbortController().signal);
  await client.configureStream(
    CHAOS_STREAM,
    streamSettingsSchema.parse({ window: { kind: 'session', idleMs: IDLE_MS, maxLength: 32 } }),
  );
  const { id } = await client.train({
    stream: CHAOS_STREAM,
    source: { kind: 'file', path: 'orders.ndjson' },
    options: { epochs: 3, hidden: 32, layers: 1, heads: 2 },
  });
  let job: TrainingJob;
  do {
    await sleep(200);
    const answer = await fetch(`${url}${ROUTES.trainingJob.replace(':id', id)}`);
    job = trainingJobSchema.parse(await answer.json());
  } while (job.finishedAt === null);
  if (job.error !== null) throw new MeasurementFailure('the orders could not be learnt');
}

async function disposeAll(parts: readonly AsyncDisposable[]): Promise<void> {
  for (const part of [...parts].reverse()) await part[Symbol.asyncDispose]();
}

async function makeBucket(endpoint: string): Promise<Settings> {
  const bucket = 'chaos';
  const client = new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: CREDENTIALS,
  });
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  client.destroy();
  return {
    LOGBERT__ARTIFACTS__KIND: 's3',
    LOGBERT__ARTIFACTS__S3__BUCKET: bucket,
    LOGBERT__ARTIFACTS__S3__ENDPOINT: endpoint,
    LOGBERT__ARTIFACTS__S3__FORCEPATHSTYLE: 'true',
    LOGBERT__ARTIFACTS__S3__ACCESSKEYID: CREDENTIALS.accessKeyId,
    LOGBERT__ARTIFACTS__S3__SECRETACCESSKEY: CREDENTIALS.secretAccessKey,
  };
}
