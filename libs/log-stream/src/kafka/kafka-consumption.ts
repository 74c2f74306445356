import type { KafkaConfig } from '@logbert/contracts';
import { PartitionAssigners, type Consumer, type EachBatchPayload, type Kafka } from 'kafkajs';
import { backoff } from '../batch-delivery';
import type { BatchHandler } from '../log-stream';
import type { Report } from '../stream-notice';
import { type ParkRecord, PartitionLane } from './partition-lane';
import type { ConsumedTopics } from './topic-streams';

/**
 * Silence after which the group gives a member's partitions to the others; a member that crashed
 * also waits for it to come back. Heartbeats do not wait for the handler, so it can be short.
 */
const SESSION_TIMEOUT_MS = 12_000;
const REBALANCE_TIMEOUT_MS = 60_000;
const HEARTBEAT_MS = 2_000;
const METADATA_MAX_AGE_MS = 60_000;
/** How long a fetch waits for lines, and how long the client sleeps while every partition is paused. */
const FETCH_WAIT_MS = 100;
const FETCH_PARTITION_BYTES = 1_048_576;
/** Fetched records that wait, over all partitions of this process. */
const WAITING_BYTES = 64 * 1_024 * 1_024;
const LANE_BYTES = 2 * 1_024 * 1_024;
const COMMIT_EVERY_MS = 250;
const SILENCE_MS = 300_000;

/**
 * A member of the consumer group. Fetching and working are apart: the client fetches into a lane
 * a partition and goes on, with its heartbeats, whatever the handler takes; a full lane pauses
 * its partition.
 */
export class KafkaConsumption {
  private consumer: Consumer | undefined;
  private lanes = new Map<string, PartitionLane>();
  private epoch = 0;
  private laneBytes = LANE_BYTES;
  private restarts = 0;
  private restartTimer: ReturnType<typeof setTimeout> | undefined;
  private commitTimer: ReturnType<typeof setInterval> | undefined;
  private committing: Promise<void> | undefined;
  private fetchedAtMs = Date.now();
  private isClosing = false;

  constructor(
    private readonly client: Kafka,
    private readonly config: KafkaConfig,
    private readonly consumed: ConsumedTopics,
    private readonly options: {
      readonly batchSize: number;
      readonly handler: BatchHandler;
      readonly park: ParkRecord;
      readonly report: Report;
      /** Whether the handler itself commits what it releases. */
      readonly isCommittedByHandler?: boolean;
    },
  ) {}

  async start(): Promise<void> {
    await this.run();
    this.commitTimer = setInterval(() => this.commitSoon(), COMMIT_EVERY_MS);
  }

  hasProgressed(withinMs: number): boolean {
    return (
      this.hasFetched(SILENCE_MS) &&
      [...this.lanes.values()].every((lane) => lane.hasProgressed(withinMs))
    );
  }

  /** Whether the brokers answered a fetch within the time. */
  hasFetched(withinMs: number): boolean {
    return Date.now() - this.fetchedAtMs <= withinMs;
  }

  /** Lets the batches at work finish, commits what they released and leaves the group. */
  async close(): Promise<void> {
    this.isClosing = true;
    clearInterval(this.commitTimer);
    clearTimeout(this.restartTimer);
    await Promise.all([...this.lanes.values()].map((lane) => lane.drain()));
    await this.committing;
    await this.commit();
    await this.consumer?.disconnect().catch(() => undefined);
  }

  private async run(): Promise<void> {
    const consumer = this.client.consumer({
      groupId: this.config.groupId,
      partitionAssigners: [PartitionAssigners.roundRobin],
      sessionTimeout: SESSION_TIMEOUT_MS,
      rebalanceTimeout: REBALANCE_TIMEOUT_MS,
      heartbeatInterval: HEARTBEAT_MS,
      metadataMaxAge: METADATA_MAX_AGE_MS,
      maxWaitTimeInMs: FETCH_WAIT_MS,
      maxBytesPerPartition: FETCH_PARTITION_BYTES,
      allowAutoTopicCreation: false,
    });
    this.consumer = consumer;
    const { GROUP_JOIN, REBALANCING, CRASH, FETCH, END_BATCH_PROCESS } = consumer.events;
    consumer.on(REBALANCING, () => this.endEpoch());
    consumer.on(GROUP_JOIN, ({ payload }) => this.beginEpoch(payload.memberAssignment));
    consumer.on(FETCH, () => {
      this.fetchedAtMs = Date.now();
      this.restarts = 0;
    });
    // Of a batch without any record nobody else is told.
    consumer.on(END_BATCH_PROCESS, ({ payload }) => {
      if (payload.batchSize > 0) return;
      const { topic, partition, highWatermark } = payload;
      this.lanes.get(keyOf(topic, partition))?.pass({
        firstOffset: Number(payload.firstOffset),
        nextOffset: Number(payload.lastOffset) + 1,
        highWatermark: Number(highWatermark),
      });
    });
    consumer.on(CRASH, ({ payload }) => {
      this.endEpoch();
      this.options.report({ kind: 'consumer-restarted', error: payload.error });
      // The client restarts by itself only where it thinks that trying again can help.
      if (!payload.restart) this.restartLater();
    });
    await consumer.connect();
    await consumer.subscribe({ topics: [...this.consumed.topics], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: 1,
      eachBatch: async (payload) => this.accept(consumer, payload),
    });
  }

  private restartLater(): void {
    if (this.isClosing) return;
    this.restartTimer = setTimeout(() => {
      void this.run().catch((error) => {
        this.options.report({ kind: 'consumer-restarted', error });
        this.restartLater();
      });
    }, backoff(++this.restarts));
  }

  /** Every partition starts at its committed offset again, also one that this member keeps. */
  private beginEpoch(assignment: Readonly<Record<string, readonly number[]>>): void {
    const earlier = this.lanes;
    this.endEpoch();
    this.epoch++;
    this.lanes = new Map();
    const assigned = Object.entries(assignment).flatMap(([source, partitions]) =>
      partitions.map((partition) => ({ source, partition })),
    );
    const share = WAITING_BYTES / Math.max(1, assigned.length);
    this.laneBytes = Math.min(LANE_BYTES, Math.max(FETCH_PARTITION_BYTES, share));
    for (const { source, partition } of assigned) {
      const key = keyOf(source, partition);
      this.lanes.set(key, this.laneOf(source, partition, { earlier: earlier.get(key) }));
    }
    const { consumer } = this;
    // A partition that was paused for its full lane has an empty one now.
    for (const { topic, partitions } of consumer?.paused() ?? []) {
      consumer?.resume([{ topic, partitions }]);
    }
  }

  private laneOf(
    source: string,
    partition: number,
    begin: { readonly earlier: PartitionLane | undefined; readonly from?: number },
  ): PartitionLane {
    const { consumer } = this;
    const lane = new PartitionLane({
      ...this.options,
      ...begin,
      source,
      partition,
      epoch: this.epoch,
      maxWaitingBytes: this.laneBytes,
      onRoom: () => consumer?.resume([{ topic: source, partitions: [partition] }]),
      goBackTo: (offset) => this.goBackTo(lane, offset),
    });
    return lane;
  }

  /** The other partitions stay in their epoch; a number that was never used tells this one's apart. */
  private goBackTo(lane: PartitionLane, offset: number): void {
    const { source, partition } = lane.settings;
    const key = keyOf(source, partition);
    if (this.lanes.get(key) !== lane || this.isClosing) return;
    lane.end();
    this.epoch++;
    this.lanes.set(key, this.laneOf(source, partition, { earlier: lane, from: offset }));
    this.consumer?.seek({ topic: source, partition, offset: String(offset) });
    this.consumer?.resume([{ topic: source, partitions: [partition] }]);
  }

  /** What is at work goes on to its end, but what it releases no longer counts. */
  private endEpoch(): void {
    for (const lane of this.lanes.values()) lane.end();
  }

  private accept(consumer: Consumer, { batch, resolveOffset }: EachBatchPayload): void {
    const { topic, partition, messages, highWatermark } = batch;
    const lane = this.lanes.get(keyOf(topic, partition));
    if (lane === undefined || this.isClosing) {
      consumer.pause([{ topic, partitions: [partition] }]);
      return;
    }
    const offset = lane.placeToGoBackTo(Number(batch.firstOffset()));
    if (offset !== undefined) {
      consumer.seek({ topic, partition, offset: String(offset) });
      return;
    }
    lane.push(this.consumed.recordsOf(topic, partition, messages), {
      firstOffset: Number(batch.firstOffset()),
      nextOffset: Number(batch.lastOffset()) + 1,
      highWatermark: Number(highWatermark),
    });
    resolveOffset(batch.lastOffset());
    if (lane.isFull) consumer.pause([{ topic, partitions: [partition] }]);
  }

  private commitSoon(): void {
    this.committing ??= this.commit().finally(() => (this.committing = undefined));
  }

  private async commit(): Promise<void> {
    const due = [...this.lanes.values()].flatMap((lane) => {
      const offset = lane.toCommit;
      return offset === undefined ? [] : [{ lane, offset }];
    });
    if (due.length === 0 || this.consumer === undefined) return;
    try {
      if (this.options.isCommittedByHandler !== true) {
        await this.consumer.commitOffsets(
          due.map(({ lane, offset }) => ({
            topic: lane.settings.source,
            partition: lane.settings.partition,
            offset: String(offset),
          })),
        );
      }
      for (const { lane, offset } of due) lane.committed = offset;
    } catch (error) {
      // What was not committed is only delivered again.
      this.options.report({ kind: 'commit-failed', error });
    }
  }
}

function keyOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}
