import type { KafkaConfig } from '@logbert/contracts';
import { PartitionAssigners, type Consumer, type EachBatchPayload, type Kafka } from 'kafkajs';
import { BrokerFailure } from '../log-stream-failures';
import type { BatchHandler } from '../log-stream';
import type { Report } from '../stream-notice';
import { type ParkRecord, PartitionLane } from './partition-lane';
import { Restarts } from './restarts';
import type { ConsumedTopics } from './topic-streams';

/**
 * Silence after which the group gives a member's partitions to the others; a member that crashed
 * also waits for it to come back. Heartbeats do not wait for the handler, so it can be short.
 */
const SESSION_TIMEOUT_MS = 12_000;
const REBALANCE_TIMEOUT_MS = 60_000;
const HEARTBEAT_MS = 2_000;
/** How soon partitions that a topic got are found. */
const METADATA_MAX_AGE_MS = 10_000;
/** How long a fetch waits for lines, and how long the client sleeps while every partition is paused. */
const FETCH_WAIT_MS = 100;
const FETCH_PARTITION_BYTES = 1_048_576;
/** Fetched records that wait, over all partitions of this process. */
const WAITING_BYTES = 64 * 1_024 * 1_024;
const LANE_BYTES = 2 * 1_024 * 1_024;
const COMMIT_EVERY_MS = 250;
const SILENCE_MS = 300_000;
/** How often missing topics are looked for. */
const LOOK_EVERY_MS = 5_000;

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
  private readonly restarts = new Restarts();
  private restarting: Promise<void> | undefined;
  private restartTimer: ReturnType<typeof setTimeout> | undefined;
  private commitTimer: ReturnType<typeof setInterval> | undefined;
  private committing: Promise<void> | undefined;
  /** Since when no position could be committed. */
  private uncommittedSinceMs: number | undefined;
  private fetchedAtMs = Date.now();
  /** Of the topics that are to be read, those that Kafka did not have at the last start. */
  private missing: readonly string[] = [];
  private lookTimer: ReturnType<typeof setInterval> | undefined;
  private looking: Promise<void> | undefined;
  private isClosing = false;

  constructor(
    private readonly client: Kafka,
    private readonly config: KafkaConfig,
    private readonly consumed: ConsumedTopics,
    private readonly options: {
      readonly batchSize: number;
      readonly backlogBatchSize?: number;
      readonly handler: BatchHandler;
      readonly park: ParkRecord;
      readonly report: Report;
      /** Which of the topics Kafka has now. @throws BrokerFailure when no broker answers */
      readonly present: (topics: readonly string[]) => Promise<readonly string[]>;
      /** Whether the handler itself commits what it releases. */
      readonly isCommittedByHandler?: boolean;
    },
  ) {}

  async start(): Promise<void> {
    await this.run();
    this.commitTimer = setInterval(() => this.commitSoon(), COMMIT_EVERY_MS);
    this.lookTimer = setInterval(() => {
      this.looking ??= this.look().finally(() => (this.looking = undefined));
    }, LOOK_EVERY_MS);
  }

  /** Whether the brokers answer, positions are committed, and each partition has nothing to do or did something within the time. */
  hasProgressed(withinMs: number): boolean {
    const uncommittedMs = Date.now() - (this.uncommittedSinceMs ?? Date.now());
    // Where there is nothing to read, silence means nothing, and a new process would not find more.
    const isNothingThere = this.missing.length === this.consumed.topics.length;
    return (
      (isNothingThere || this.hasFetched(SILENCE_MS)) &&
      uncommittedMs <= withinMs &&
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
    clearInterval(this.lookTimer);
    clearTimeout(this.restartTimer);
    await this.looking;
    await this.restarting;
    await Promise.all([...this.lanes.values()].map((lane) => lane.drain()));
    await this.committing;
    await this.commit();
    await this.consumer?.disconnect().catch(() => undefined);
  }

  /**
   * Reads the topics that there are; the client gives up all of them for one that is gone.
   *
   * @throws BrokerFailure when no broker answers, or there is none of the topics
   */
  private async run(): Promise<void> {
    this.restarts.begin();
    const topics = await this.options.present(this.consumed.topics);
    this.noteMissing(this.consumed.topics.filter((topic) => !topics.includes(topic)));
    if (topics.length === 0) throw new BrokerFailure('Kafka has none of the topics to read');
    if (this.isClosing) return;
    const consumer = this.buildConsumer();
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [...topics], fromBeginning: true });
      // One that has not joined resolves all the same, and crashes.
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: 1,
        eachBatch: async (payload) => this.accept(consumer, payload),
      });
    } catch (error) {
      if (this.consumer === consumer) this.consumer = undefined;
      await consumer.disconnect().catch(() => undefined);
      throw error;
    }
    if (this.isClosing) await consumer.disconnect().catch(() => undefined);
  }

  private buildConsumer(): Consumer {
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
      // Starting again is done here, where it is known what there is to read.
      retry: { restartOnFailure: async () => false },
    });
    this.consumer = consumer;
    const { GROUP_JOIN, REBALANCING, CRASH, FETCH, END_BATCH_PROCESS } = consumer.events;
    // What a consumer says that another one has replaced is of no account.
    const isPresent = (): boolean => this.consumer === consumer;
    consumer.on(REBALANCING, () => {
      if (isPresent()) this.endEpoch();
    });
    consumer.on(GROUP_JOIN, ({ payload }) => {
      if (!isPresent()) return;
      this.restarts.noteJoin();
      this.beginEpoch(payload.memberAssignment);
    });
    consumer.on(FETCH, () => {
      if (!isPresent()) return;
      this.fetchedAtMs = Date.now();
      this.restarts.noteFetch();
    });
    // Of a batch without any record nobody else is told.
    consumer.on(END_BATCH_PROCESS, ({ payload }) => {
      if (payload.batchSize > 0 || !isPresent()) return;
      const { topic, partition, highWatermark } = payload;
      this.lanes.get(keyOf(topic, partition))?.pass({
        firstOffset: Number(payload.firstOffset),
        nextOffset: Number(payload.lastOffset) + 1,
        highWatermark: Number(highWatermark),
      });
    });
    consumer.on(CRASH, ({ payload }) => {
      if (!isPresent()) return;
      this.consumer = undefined;
      this.endEpoch();
      this.restartAfter(payload.error);
    });
    return consumer;
  }

  private restartAfter(error: unknown): void {
    if (this.isClosing) return;
    this.options.report({ kind: 'consumer-restarted', error });
    // A broker that does not answer is waited for, and so is a topic: no new process would find more.
    const { inMs, isStuck, count } = this.restarts.next(!(error instanceof BrokerFailure));
    if (isStuck) this.options.report({ kind: 'consumer-stuck', restarts: count, error });
    clearTimeout(this.restartTimer);
    this.restartTimer = setTimeout(() => this.restart(), inMs);
  }

  /** One after the other. */
  private restart(): void {
    const before = this.restarting ?? Promise.resolve();
    const own = before
      .then(() => this.run())
      .catch((error) => this.restartAfter(error))
      .finally(() => {
        if (this.restarting === own) this.restarting = undefined;
      });
    this.restarting = own;
  }

  private noteMissing(missing: readonly string[]): void {
    const gone = missing.filter((topic) => !this.missing.includes(topic));
    const found = this.missing.filter((topic) => !missing.includes(topic));
    this.missing = missing;
    if (gone.length > 0) this.options.report({ kind: 'topics-missing', topics: gone });
    if (found.length === 0) return;
    // What could not be fetched before is no silence.
    this.fetchedAtMs = Date.now();
    this.options.report({ kind: 'topics-found', topics: found });
  }

  /** Has the consumer start again when there is more to read than it knows of. */
  private async look(): Promise<void> {
    if (this.missing.length === 0 || this.restarts.isUnderWay) return;
    const found = await this.options.present(this.missing).catch(() => []);
    if (found.length === 0 || this.restarts.isUnderWay || this.isClosing) return;
    const { consumer } = this;
    this.consumer = undefined;
    this.endEpoch();
    await consumer?.disconnect().catch(() => undefined);
    if (!this.isClosing) this.restart();
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
      onRoom: () => resumeIfRunning(consumer, source, partition),
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
    // What could not be committed is not of this member any more.
    this.uncommittedSinceMs = undefined;
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
    if (due.length === 0) this.uncommittedSinceMs = undefined;
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
      this.uncommittedSinceMs = undefined;
    } catch (error) {
      // What was not committed is only delivered again.
      this.uncommittedSinceMs ??= Date.now();
      this.options.report({ kind: 'commit-failed', error });
    }
  }
}

/** One that has crashed knows nothing of its partitions any more; in the next epoch all of them run. */
function resumeIfRunning(consumer: Consumer | undefined, topic: string, partition: number): void {
  try {
    consumer?.resume([{ topic, partitions: [partition] }]);
  } catch {
    // It says so by its crash.
  }
}

function keyOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}
