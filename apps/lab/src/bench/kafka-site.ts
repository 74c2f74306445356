import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { StreamSettings } from '@logbert/contracts';
import { Kafka, logLevel, Partitioners, type Producer } from 'kafkajs';
import { ServerClient } from '../demo/server-client';
import { RUN_WITH } from './chaos/server-process';
import { MeasurementFailure } from './measurement-failure';
import { readFigures, type ServerFigures } from './server-figures';
import { untilTrained } from './until-trained';

/** The built server; beside this program, both run from `dist/apps`. */
const PROGRAM = fileURLToPath(new URL('../api/main.js', import.meta.url));
const START_WITHIN_MS = 120_000;
const ASK_EVERY_MS = 500;
const TRAINING_FILE = 'bench.log';
const SOURCE = { kind: 'file', path: TRAINING_FILE } as const;
const STREAM = 'bench';
/** Of the topic of lines. */
export const PARTITIONS = 2;

/** Options of both measurements through Kafka. */
export const KAFKA_OPTIONS = {
  brokers: {
    value: 'LIST',
    help: 'host:port of Kafka (node tools/kafka-broker.mjs starts one)',
    isRequired: true,
  },
  workers: { value: 'N', help: 'detector threads of the server', fallback: '1' },
  precision: { value: 'fp32|int8', help: 'of the network', fallback: 'fp32' },
  epochs: { value: 'N', help: 'epochs of the training before', fallback: '3' },
  json: { value: 'FILE', help: 'writes the result for programs, too' },
} as const;

export interface KafkaSitePlan {
  readonly brokers: readonly string[];
  readonly workers: string;
  readonly precision: string;
  readonly epochs: number;
  readonly settings: StreamSettings;
  readonly trainingLines: readonly string[];
}

/** A server of its own that reads topics of its own, with a model of the default size. */
export class KafkaSite implements AsyncDisposable {
  url = '';
  private child: ChildProcess | undefined;

  private constructor(
    private readonly folder: string,
    readonly topic: string,
    private readonly environment: NodeJS.ProcessEnv,
    readonly producer: Producer,
  ) {}

  /** @throws MeasurementFailure when the server does not start or the training fails */
  static async open(plan: KafkaSitePlan, tell: (step: string) => void): Promise<KafkaSite> {
    if (!existsSync(PROGRAM)) {
      throw new MeasurementFailure(`${PROGRAM} is missing: build it with "npx nx build api"`);
    }
    const folder = await mkdtemp(join(tmpdir(), 'logbert-bench-'));
    const topic = `bench-${randomUUID().slice(0, 8)}`;
    await mkdir(join(folder, 'imports'));
    await writeFile(join(folder, 'imports', TRAINING_FILE), plan.trainingLines.join('\n'));
    const kafka = new Kafka({ brokers: [...plan.brokers], logLevel: logLevel.ERROR });
    const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    const environment = { LOGBERT__DATADIRECTORY: folder, ...environmentOf(plan, topic) };
    const site = new KafkaSite(folder, topic, environment, producer);
    try {
      await site.start();
      await producer.connect();
      tell(`training on ${plan.trainingLines.length} lines`);
      await site.train(plan);
      return site;
    } catch (error) {
      await site[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** In order; the topic and what the server keeps stay. */
  async stop(): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    await exit;
  }

  /** Has the server start anew after what is done without it; gives when, by the clock of `performance.now()`. */
  async restartAfter(work: () => Promise<void>): Promise<number> {
    await this.stop();
    await work();
    const startedAtMs = performance.now();
    await this.start();
    return startedAtMs;
  }

  /** Resolves when the broker has every line. */
  async send(lines: readonly { readonly key: string | null; readonly value: string }[]) {
    await this.producer.send({ topic: this.topic, messages: lines.map((line) => ({ ...line })) });
  }

  figures(): Promise<ServerFigures> {
    return readFigures(this.url);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.producer.disconnect().catch(() => undefined);
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  private async start(): Promise<void> {
    const child = fork(PROGRAM, ['--server.port=0', '--demo=false'], {
      execArgv: RUN_WITH,
      // What it warns of goes where progress goes; standard output is for tables.
      stdio: ['ignore', 2, 2, 'ipc'],
      env: { ...process.env, ...this.environment },
    });
    this.child = child;
    this.url = await urlOf(child);
  }

  /** Trains the stream again on the same lines, for as long as that takes or is wanted. */
  async trainAgain(epochs: number, isOver: () => boolean): Promise<void> {
    const client = this.client();
    const { id } = await client.train({ stream: STREAM, source: SOURCE, options: { epochs } });
    while (!isOver() && (await client.trainingJob(id)).finishedAt === null) {
      await sleep(ASK_EVERY_MS);
    }
  }

  private async train({ settings, epochs }: KafkaSitePlan): Promise<void> {
    const client = this.client();
    // Lines are sent as JSON, whatever they were read from.
    await client.configureStream(STREAM, { ...settings, format: { kind: 'json' } });
    const { id } = await client.train({ stream: STREAM, source: SOURCE, options: { epochs } });
    await untilTrained(client, id);
  }

  private client(): ServerClient {
    return new ServerClient(this.url, undefined, new AbortController().signal);
  }
}

function urlOf(server: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new MeasurementFailure(`the server ${why}`));
    const timer = setTimeout(() => fail('does not listen'), START_WITHIN_MS);
    server.once('exit', () => fail('ended'));
    server.on('message', (message: { readonly type?: string; readonly url?: string }) => {
      if (message.type !== 'listening' || message.url === undefined) return;
      clearTimeout(timer);
      resolve(message.url);
    });
  });
}

function environmentOf(plan: KafkaSitePlan, topic: string): Readonly<Record<string, string>> {
  const kafka = 'LOGBERT__LOGSTREAM__KAFKA__';
  return {
    LOGBERT__LOG__LEVEL: 'warn',
    LOGBERT__DETECTION__WORKERS: plan.workers,
    LOGBERT__DETECTION__PRECISION: plan.precision,
    LOGBERT__LOGSTREAM__KIND: 'kafka',
    [`${kafka}BROKERS`]: JSON.stringify(plan.brokers),
    [`${kafka}GROUPID`]: topic,
    [`${kafka}LOGS`]: JSON.stringify([{ topic, stream: STREAM }]),
    [`${kafka}ANOMALIESTOPIC`]: `${topic}.anomalies`,
    [`${kafka}INCIDENTSTOPIC`]: `${topic}.incidents`,
    [`${kafka}DEADLETTERTOPIC`]: `${topic}.dlq`,
    [`${kafka}CREATETOPICS`]: 'true',
    [`${kafka}PARTITIONS`]: String(PARTITIONS),
  };
}
