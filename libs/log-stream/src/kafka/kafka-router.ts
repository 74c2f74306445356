import type { KafkaConfig } from '@logbert/contracts';
import {
  type Kafka,
  type KafkaMessage,
  logLevel,
  type PartitionMetadata,
  Partitioners,
} from 'kafkajs';
import type { PartitionLag, RawRecord, RecordBatch } from '../log-stream';
import { BrokerSetupFailure, RoutingFailure } from '../log-stream-failures';
import type { Report } from '../stream-notice';
import { lagOf } from './group-offsets';
import type { FetchedRecord } from './fetched-record';
import { buildClient } from './kafka-client';
import { KafkaConsumption } from './kafka-consumption';
import { keyedMessage } from './keyed-topic';
import { type OutgoingPart, PartitionRouter } from './partition-router';
import type { RenewableAdmin } from './renewable-admin';
import { RouterWatch } from './router-watch';
import { sliceByTime, TimeAlignment } from './time-alignment';
import { type ConsumedTopics, TopicStreams } from './topic-streams';

/** For each record the key under which it is detected; undefined where it tells none. */
export type KeysOf = (records: readonly RawRecord[]) => Promise<readonly (string | undefined)[]>;

export interface RouterOptions {
  readonly config: KafkaConfig;
  readonly batchSize: number;
  readonly keysOf: KeysOf;
  readonly report: Report;
  /** Which of the topics Kafka has now. */
  readonly present: (topics: readonly string[]) => Promise<readonly string[]>;
  /** Which it had when it was asked last. */
  readonly thereOf: (topics: readonly string[]) => readonly string[];
}

/** Sends every line on to the keyed topic, under the key of its session and once. */
export class KafkaRouter {
  private readonly topics: RoutedTopics;
  private readonly groupId: string;
  private readonly senders: Kafka;
  private readonly routers = new Map<string, PartitionRouter>();
  private readonly alignments = new Map<string, TimeAlignment>();
  private readonly consumption: KafkaConsumption;
  private readonly watch: RouterWatch;
  private readonly partitionOfKey = Partitioners.DefaultPartitioner();
  /** Of the keyed topic, as it was at the start. */
  private partitions: PartitionMetadata[] = [];

  constructor(
    client: Kafka,
    private readonly admin: RenewableAdmin,
    private readonly options: RouterOptions,
  ) {
    const { config, report } = options;
    this.topics = new RoutedTopics(new TopicStreams(config.logs));
    this.groupId = `${config.groupId}.router`;
    // Without its log: it tells of each moment that a transaction waits for the one before.
    this.senders = buildClient(config, report, logLevel.NOTHING);
    this.watch = new RouterWatch(() => this.lag());
    this.consumption = new KafkaConsumption(
      client,
      { ...config, groupId: this.groupId },
      this.topics,
      {
        batchSize: options.batchSize,
        report,
        present: async (topics) => {
          const there = await options.present(topics);
          await this.forget(topics.filter((topic) => !there.includes(topic)));
          return there;
        },
        isCommittedByHandler: true,
        handler: (batch) => this.route(batch),
        park: (record, reason, nextOffset) =>
          this.routerOf(record).park(record, reason, nextOffset),
      },
    );
  }

  /** @throws BrokerSetupFailure when there is no keyed topic */
  async start(): Promise<void> {
    const { keyedTopic } = this.options.config;
    const { topics } = await this.admin.now.fetchTopicMetadata({ topics: [keyedTopic] });
    this.partitions = topics[0]?.partitions ?? [];
    if (this.partitions.length === 0) {
      throw new BrokerSetupFailure(`Kafka has no topic "${keyedTopic}"`);
    }
    this.watch.start();
    await this.consumption.start();
  }

  lag(): Promise<readonly PartitionLag[]> {
    return lagOf(this.admin.now, this.groupId, this.options.thereOf(this.topics.topics));
  }

  hasProgressed(withinMs: number): boolean {
    return this.consumption.hasProgressed(withinMs);
  }

  /** Whether what came lately was sent on, whichever process does it. */
  get isKeepingUp(): boolean {
    return this.watch.isKeepingUp;
  }

  isHearing(withinMs: number): boolean {
    return this.consumption.hasFetched(withinMs) && this.isKeepingUp;
  }

  async close(): Promise<void> {
    this.watch.stop();
    await this.consumption.close();
    await Promise.all([...this.routers.values()].map((router) => router.close()));
  }

  /** What is sent on at once spans little time, so that the partitions of a topic go side by side. */
  private async route(batch: RecordBatch): Promise<void> {
    const { source, partition, signal } = batch;
    const alignment = this.alignmentOf(source);
    const slices = sliceByTime(batch.records);
    let { firstOffset } = batch;
    try {
      for (const [place, { records, atMs }] of slices.entries()) {
        await alignment.turn(partition, atMs, signal);
        if (signal.aborted) return;
        const nextOffset = slices[place + 1]?.records[0]?.offset ?? batch.nextOffset;
        const slice = { ...batch, records, firstOffset, nextOffset };
        await this.routerOf(batch).route(slice, (fresh) => this.partsOf(fresh));
        firstOffset = nextOffset;
      }
    } finally {
      const isMoreComing = !signal.aborted && firstOffset < batch.highWatermark;
      alignment.leave(partition, slices.at(-1)?.atMs ?? 0, isMoreComing);
    }
  }

  private alignmentOf(topic: string): TimeAlignment {
    const known = this.alignments.get(topic) ?? new TimeAlignment();
    this.alignments.set(topic, known);
    return known;
  }

  private routerOf({ source, partition }: { source: string; partition: number }): PartitionRouter {
    const name = `${source}/${partition}`;
    const known = this.routers.get(name);
    if (known !== undefined) return known;
    const { config, report } = this.options;
    const place = {
      topic: source,
      partition,
      groupId: this.groupId,
      formerGroupId: config.groupId,
      deadLetterTopic: config.deadLetterTopic,
    };
    const router = new PartitionRouter(this.senders, this.admin, place, report);
    this.routers.set(name, router);
    return router;
  }

  /** A topic that is made again begins anew: what is known of the one before would pass over its first lines. */
  private async forget(topics: readonly string[]): Promise<void> {
    for (const [name, router] of this.routers) {
      if (!topics.some((topic) => name.startsWith(`${topic}/`))) continue;
      this.routers.delete(name);
      await router.close();
    }
  }

  private async keysOf(records: readonly RawRecord[]): ReturnType<KeysOf> {
    try {
      return await this.options.keysOf(records);
    } catch (error) {
      throw new RoutingFailure('No line can be sent on while keys are unknown', { cause: error });
    }
  }

  /** In the order of the records within each partition. */
  private async partsOf(records: readonly RawRecord[]): Promise<readonly OutgoingPart[]> {
    const { keyedTopic } = this.options.config;
    const keys = await this.keysOf(records);
    const parts = new Map<number, OutgoingPart['messages'][number][]>();
    for (const [place, record] of records.entries()) {
      const original = this.topics.messageOf(record);
      const key = keys[place] ?? original.key;
      const message = keyedMessage(original, record, key);
      const partition = this.partitionOf(record, key);
      const part = parts.get(partition);
      if (part === undefined) parts.set(partition, [{ ...message, partition }]);
      else part.push({ ...message, partition });
    }
    return [...parts.values()].map((messages) => ({ topic: keyedTopic, messages }));
  }

  /** A key belongs to one partition, as Kafka's own clients would have it; lines of none stay together as they came. */
  private partitionOf(record: RawRecord, key: string | Buffer | null): number {
    if (key === null) return record.partition % this.partitions.length;
    return this.partitionOfKey({
      topic: this.options.config.keyedTopic,
      partitionMetadata: this.partitions,
      message: { key, value: null },
    });
  }
}

/** Topics that are sent on: of each record its message is kept at hand, since a record has only the texts of it. */
class RoutedTopics implements ConsumedTopics {
  private readonly messages = new WeakMap<RawRecord, KafkaMessage>();

  constructor(private readonly topicStreams: TopicStreams) {}

  get topics(): readonly string[] {
    return this.topicStreams.topics;
  }

  recordsOf(
    topic: string,
    partition: number,
    messages: readonly KafkaMessage[],
  ): readonly FetchedRecord[] {
    const records = this.topicStreams.recordsOf(topic, partition, messages);
    const byOffset = new Map(messages.map((message) => [Number(message.offset), message]));
    for (const record of records) {
      const message = byOffset.get(record.offset);
      if (message !== undefined) this.messages.set(record, message);
    }
    return records;
  }

  messageOf(record: RawRecord): KafkaMessage {
    const message = this.messages.get(record);
    if (message === undefined) throw new TypeError(`nothing was read at ${record.offset}`);
    return message;
  }
}
