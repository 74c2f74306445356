import type { Failure } from '@logbert/failure';
import { STREAM_HEADER, streamNameSchema, type KafkaConfig } from '@logbert/contracts';
import { logLevel, type Admin, type Kafka, type Message } from 'kafkajs';
import { backoff, sleep } from '../batch-delivery';
import {
  BATCH_SIZE,
  type BatchHandler,
  type LogStream,
  type OffsetSpan,
  type OutgoingMessage,
  type OutgoingTopic,
  type PartitionLag,
  type RawRecord,
  type ReadRange,
} from '../log-stream';
import { BrokerFailure, BrokerSetupFailure, StreamNameFailure } from '../log-stream-failures';
import { DEAD_LETTER_HEADERS, headersOfReplayed } from '../dead-letter';
import type { Report } from '../stream-notice';
import { asBuffer } from './as-buffer';
import { sendDeadLetter } from './dead-letter-messages';
import { lagOf, offsetsOf } from './group-offsets';
import { checkCertificates } from './kafka-certificates';
import { buildClient } from './kafka-client';
import { KafkaConsumption } from './kafka-consumption';
import { KafkaPublisher } from './kafka-publisher';
import { KafkaRouter, type KeysOf } from './kafka-router';
import { detectedTopics } from './keyed-topic';
import { readKafka, readSpans } from './read-kafka';
import { keyOf } from './record-key';
import { ADMIN_RETRY, RenewableAdmin } from './renewable-admin';
import { TopicStreams } from './topic-streams';
import { translateKafkaError, translateSendError } from './translate-kafka-error';

const PROGRESS_WITHIN_MS = 60_000;
/** Fetches are a tenth of a second apart when there is nothing to fetch. */
const HEARING_WITHIN_MS = 2_000;
const TOPICS_LED_WITHIN_MS = 30_000;

export interface KafkaOptions {
  /** Records of one batch at most. */
  readonly batchSize?: number;
  readonly report?: Report;
  /** The keys under which lines are detected together; their own where this is left out. Asked only with `rekey`. */
  readonly keysOf?: KeysOf;
  /** How long to wait for the brokers at the start. */
  readonly connectWithinMs?: number;
  /** Ends the waiting. */
  readonly signal?: AbortSignal | undefined;
}

/** Log lines in and results out through Apache Kafka. */
export class KafkaLogStream implements LogStream {
  private readonly publisher: KafkaPublisher;
  private readonly router: KafkaRouter | undefined;
  private consumption: KafkaConsumption | undefined;
  private closing: Promise<void> | undefined;
  /** Topics to read that Kafka did not have when it was last asked. */
  private readonly missing = new Set<string>();

  private constructor(
    readonly identity: string,
    private readonly config: KafkaConfig,
    private readonly client: Kafka,
    private readonly admin: RenewableAdmin,
    private readonly topicStreams: TopicStreams,
    private readonly options: {
      readonly batchSize: number;
      readonly report: Report;
      readonly keysOf: KeysOf;
    },
  ) {
    const present = (topics: readonly string[]) => this.present(topics);
    const thereOf = (topics: readonly string[]) => this.thereOf(topics);
    if (config.rekey) {
      this.router = new KafkaRouter(client, admin, { config, present, thereOf, ...options });
    }
    // Not its warnings: it takes the bounded tries, after which a new producer is made, for a mistake.
    this.publisher = new KafkaPublisher(buildClient(config, options.report, logLevel.ERROR));
  }

  /**
   * Waits for the brokers, telling so in notices, and creates the topics if the configuration asks for it.
   * @throws BrokerFailure when no broker answers in time
   * @throws BrokerSetupFailure when topics are missing, the brokers refuse us or a certificate cannot be used
   */
  static async open(
    config: KafkaConfig,
    {
      batchSize = BATCH_SIZE,
      report = () => undefined,
      keysOf = ownKeys,
      connectWithinMs = 300_000,
      signal,
    }: KafkaOptions = {},
  ): Promise<KafkaLogStream> {
    checkCertificates(config.tls);
    const client = buildClient(config, report);
    const first = await connectedAdmin(client, { config, report, connectWithinMs, signal });
    const topicStreams = new TopicStreams(config.logs);
    const identity = await identityOf(first, config);
    const admin = new RenewableAdmin(client, first);
    const stream = new KafkaLogStream(identity, config, client, admin, topicStreams, {
      batchSize,
      report,
      keysOf,
    });
    try {
      await stream.ensureTopics();
      return stream;
    } catch (error) {
      await stream.close();
      throw translateKafkaError(`opening Kafka at ${config.brokers.join(', ')}`, error);
    }
  }

  async subscribe(handler: BatchHandler): Promise<void> {
    if (this.consumption !== undefined) throw new TypeError('Kafka is subscribed already');
    this.consumption = new KafkaConsumption(this.client, this.config, detectedTopics(this.config), {
      ...this.options,
      backlogBatchSize: this.config.backlogBatchSize,
      handler: this.knowingOfMore(handler),
      present: (topics) => this.present(topics),
      park: (record, reason) => this.park(record, reason),
    });
    try {
      await this.router?.start();
      await this.consumption.start();
    } catch (error) {
      throw translateKafkaError('joining the consumer group', error);
    }
  }

  /** Keyed by the stream, so that the lines of a session never fall into two partitions. */
  async append(
    stream: string,
    values: readonly Uint8Array[],
    headers: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    if (values.length === 0) return;
    if (!streamNameSchema.safeParse(stream).success) throw new StreamNameFailure(stream);
    const timestamp = String(Date.now());
    const own = { ...headers, [STREAM_HEADER]: stream };
    await this.publisher.publish(
      this.topicStreams.topicOf(stream),
      values.map((value) => ({ key: stream, value: asBuffer(value), headers: own, timestamp })),
    );
  }

  async publish(topic: OutgoingTopic, messages: readonly OutgoingMessage[]): Promise<void> {
    const name = topic === 'anomalies' ? this.config.anomaliesTopic : this.config.incidentsTopic;
    await this.publisher.publish(
      name,
      messages.map(({ key, value, headers }) => ({
        key,
        value,
        ...(headers === undefined ? {} : { headers }),
      })),
    );
  }

  async park(record: RawRecord, reason: string): Promise<void> {
    const { deadLetterTopic, rekey, keyedTopic } = this.config;
    const isSentOn = rekey && record.source === keyedTopic;
    // Such a line has its origin in its headers already.
    const origin = isSentOn && DEAD_LETTER_HEADERS.topic in record.headers ? {} : undefined;
    const send = (letter: Message) => this.publisher.publish(deadLetterTopic, [letter]);
    await sendDeadLetter(record, reason, send, origin);
  }

  async deadLetterSpans(): Promise<readonly OffsetSpan[]> {
    try {
      const offsets = await offsetsOf(this.admin.now, this.config.deadLetterTopic);
      return offsets
        .map(({ partition, low, high }) => ({ partition, start: Number(low), end: Number(high) }))
        .filter(({ start, end }) => start < end);
    } catch (error) {
      throw await this.failureOf('asking Kafka for dead letters', error);
    }
  }

  readDeadLetters(spans: readonly OffsetSpan[]): AsyncIterable<RawRecord> {
    const topic = this.config.deadLetterTopic;
    return readSpans(
      this.config,
      spans.map((span) => ({ topic, ...span })),
    );
  }

  /** Under the key that it had, so that it comes to the partition of its session. */
  async replay(letter: RawRecord): Promise<void> {
    const { headers, value, stream } = letter;
    const origin = headers[DEAD_LETTER_HEADERS.topic] ?? '';
    const isOwn = this.topicStreams.topics.includes(origin);
    const message = {
      key: keyOf(letter),
      value: asBuffer(value),
      headers: headersOfReplayed(letter),
    };
    await this.publisher.publish(isOwn ? origin : this.topicStreams.topicOf(stream), [message]);
  }

  read(range: ReadRange): AsyncIterable<RawRecord> {
    return readKafka(this.config, range);
  }

  async lag(): Promise<readonly PartitionLag[]> {
    try {
      const { groupId } = this.config;
      const [routed, detected] = await Promise.all([
        this.router?.lag() ?? [],
        lagOf(this.admin.now, groupId, this.thereOf(detectedTopics(this.config).topics)),
      ]);
      return [...routed, ...detected];
    } catch (error) {
      throw await this.failureOf('asking Kafka for offsets', error);
    }
  }

  isProgressing(): boolean {
    const isDetecting = this.consumption?.hasProgressed(PROGRESS_WITHIN_MS) ?? true;
    return isDetecting && (this.router?.hasProgressed(PROGRESS_WITHIN_MS) ?? true);
  }

  isHearing(): boolean {
    const isHearing = this.consumption?.hasFetched(HEARING_WITHIN_MS) ?? false;
    return isHearing && (this.router?.isHearing(HEARING_WITHIN_MS) ?? true);
  }

  close(): Promise<void> {
    this.closing ??= this.shutDown();
    return this.closing;
  }

  /** Topics of lines, as they are sent and as they are detected. */
  private get lineTopics(): readonly string[] {
    return [...this.topicStreams.topics, ...detectedTopics(this.config).topics];
  }

  private thereOf(topics: readonly string[]): readonly string[] {
    return topics.filter((topic) => !this.missing.has(topic));
  }

  /** Which of the topics Kafka has now; of the others nothing is asked until it does. */
  private async present(topics: readonly string[]): Promise<readonly string[]> {
    try {
      const existing = new Set(await this.admin.now.listTopics());
      for (const topic of topics) {
        if (existing.has(topic)) this.missing.delete(topic);
        else this.missing.add(topic);
      }
      return this.thereOf(topics);
    } catch (error) {
      throw translateSendError('asking Kafka for its topics', error);
    }
  }

  private async failureOf(doing: string, error: unknown): Promise<Failure> {
    const failure = translateKafkaError(doing, error);
    if (failure instanceof BrokerSetupFailure) {
      // A process that does not read hears of a missing topic by this alone.
      await this.admin.renew().catch(() => undefined);
      await this.present(this.lineTopics).catch(() => undefined);
    }
    return translateSendError(doing, error);
  }

  /** A partition is not read to its end while lines may still be sent on to it. */
  private knowingOfMore(handler: BatchHandler): BatchHandler {
    const { router } = this;
    if (router === undefined) return handler;
    return (batch) =>
      handler(router.isKeepingUp ? batch : { ...batch, highWatermark: batch.highWatermark + 1 });
  }

  private async shutDown(): Promise<void> {
    // First, so that nothing is sent on that is not read any more; it would only wait.
    await this.router?.close();
    await this.consumption?.close();
    await this.publisher.close();
    await this.admin.close();
  }

  private async ensureTopics(): Promise<void> {
    const { anomaliesTopic, incidentsTopic, deadLetterTopic, createTopics, partitions } =
      this.config;
    const read = this.lineTopics;
    const wanted = [...new Set([...read, anomaliesTopic, incidentsTopic, deadLetterTopic])];
    const existing = new Set(await this.admin.now.listTopics());
    const missing = wanted.filter((topic) => !existing.has(topic));
    if (missing.length === 0) return;
    if (!createTopics) {
      // Of several to read, one that was deleted stops nothing but itself, at a start, too.
      const needed = missing.filter((topic) => !read.includes(topic));
      const isAnyThere = read.some((topic) => existing.has(topic));
      if (needed.length === 0 && isAnyThere) {
        for (const topic of missing) this.missing.add(topic);
        return;
      }
      const lacking = isAnyThere ? needed : missing;
      throw new BrokerSetupFailure(
        `Kafka has no topic ${lacking.map((topic) => `"${topic}"`).join(', ')}: create it, or set logStream.kafka.createTopics`,
      );
    }
    await this.admin.now.createTopics({
      waitForLeaders: false,
      topics: missing.map((topic) => ({ topic, numPartitions: partitions })),
    });
    await this.untilLed(missing);
  }

  /** The client's own waiting gives up when a broker has not heard of a topic yet that another one has just made. */
  private async untilLed(topics: readonly string[]): Promise<void> {
    const deadline = Date.now() + TOPICS_LED_WITHIN_MS;
    for (let attempt = 1; ; attempt++) {
      const known = await this.admin.now
        .fetchTopicMetadata({ topics: [...topics] })
        .catch((error) => {
          if (Date.now() > deadline) throw error;
          return undefined;
        });
      const isLed = known?.topics.every(
        ({ partitions }) => partitions.length > 0 && partitions.every(({ leader }) => leader >= 0),
      );
      if (isLed === true || Date.now() > deadline) return;
      await sleep(Math.min(backoff(attempt), 500));
    }
  }
}

async function connectedAdmin(
  client: Kafka,
  options: {
    readonly config: KafkaConfig;
    readonly report: Report;
    readonly connectWithinMs: number;
    readonly signal: AbortSignal | undefined;
  },
): Promise<Admin> {
  const { report, connectWithinMs, signal } = options;
  const brokers = options.config.brokers.join(', ');
  const deadline = Date.now() + connectWithinMs;
  for (let attempt = 1; ; attempt++) {
    const admin = client.admin(ADMIN_RETRY);
    try {
      await admin.connect();
      return admin;
    } catch (error) {
      await admin.disconnect().catch(() => undefined);
      const failure = translateKafkaError(`connecting to Kafka at ${brokers}`, error);
      if (!failure.retriable) throw failure;
      report({ kind: 'waiting-for-broker', brokers, error });
      if (Date.now() >= deadline || signal?.aborted === true) {
        const reason = error instanceof Error ? error.message.trim() : String(error);
        throw new BrokerFailure(`No Kafka broker answers at ${brokers}: ${reason}`, {
          cause: error,
        });
      }
      await sleep(Math.min(backoff(attempt), deadline - Date.now()), signal);
    }
  }
}

async function identityOf(admin: Admin, { brokers, groupId }: KafkaConfig): Promise<string> {
  try {
    return `kafka:${(await admin.describeCluster()).clusterId}/${groupId}`;
  } catch (error) {
    await admin.disconnect().catch(() => undefined);
    throw translateKafkaError(`asking Kafka at ${brokers.join(', ')} for its cluster`, error);
  }
}

function ownKeys(records: readonly RawRecord[]): Promise<readonly (string | undefined)[]> {
  return Promise.resolve(records.map(({ key }) => key));
}
