import { randomUUID } from 'node:crypto';
import type { KafkaConfig } from '@logbert/contracts';
import type { Admin, Consumer, Kafka } from 'kafkajs';
import { backoff, sleep } from '../batch-delivery';
import type { RawRecord, ReadRange } from '../log-stream';
import { BrokerFailure } from '../log-stream-failures';
import { ArrayChannel } from './array-channel';
import { buildClient } from './kafka-client';
import { detectedTopics } from './keyed-topic';
import { type ConsumedTopics, TopicStreams } from './topic-streams';
import { isWithoutLeader, translateKafkaError } from './translate-kafka-error';

/** Silence of the brokers after which a reading is given up. */
const SILENCE_MS = 60_000;
const LED_WITHIN_MS = 15_000;

/** The offsets of a partition that a reading needs, end exclusive. */
export interface Span {
  readonly topic: string;
  readonly partition: number;
  readonly start: number;
  readonly end: number;
}

/**
 * What a stream received, by the time stamps of its records. Needs no open log stream, and leaves
 * the committed positions as they are: it reads in a consumer group of its own.
 */
export async function* readKafka(
  config: KafkaConfig,
  range: ReadRange,
): AsyncGenerator<RawRecord, void, undefined> {
  const spans = await spansOnceLed(config, range);
  const topics = detectedTopics(config);
  yield* within(readSpans(config, spans, { topics, signal: range.signal }), range);
}

/** All records of the spans, each of a partition of its own, in the order of each partition. */
export async function* readSpans(
  config: KafkaConfig,
  spans: readonly Span[],
  {
    topics = new TopicStreams(config.logs),
    signal,
  }: { readonly topics?: ConsumedTopics; readonly signal?: AbortSignal | undefined } = {},
): AsyncGenerator<RawRecord, void, undefined> {
  if (spans.length === 0) return;
  const client = buildClient(config, () => undefined);
  const admin = client.admin();
  const groupId = `${config.groupId}.read.${randomUUID()}`;
  let consumer: Consumer | undefined;
  try {
    await admin.connect();
    const channel = new ArrayChannel<RawRecord>();
    consumer = await consume({ client, groupId, spans, channel, topics });
    yield* taken(channel, signal);
  } catch (error) {
    throw translateKafkaError('reading from Kafka', error);
  } finally {
    await consumer?.disconnect().catch(() => undefined);
    await admin.deleteGroups([groupId]).catch(() => undefined);
    await admin.disconnect().catch(() => undefined);
  }
}

/** Asks again while a partition has no leader, or one that does not know of it: of a new topic, or when a broker has gone. */
async function spansOnceLed(config: KafkaConfig, range: ReadRange): Promise<readonly Span[]> {
  const deadline = Date.now() + LED_WITHIN_MS;
  for (let attempt = 1; ; attempt++) {
    // A new one each time: the client goes on to ask the leader that has just said that it is none.
    const admin = buildClient(config, () => undefined).admin();
    try {
      await admin.connect();
      return await spansOf(admin, config, range);
    } catch (error) {
      const isWaitedFor = isWithoutLeader(error) && Date.now() < deadline;
      if (!isWaitedFor) throw translateKafkaError('reading from Kafka', error);
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
    await sleep(Math.min(backoff(attempt), 500));
  }
}

async function spansOf(
  admin: Admin,
  config: KafkaConfig,
  { fromMs, toMs }: ReadRange,
): Promise<readonly Span[]> {
  const spans: Span[] = [];
  const existing = new Set(await admin.listTopics());
  for (const topic of detectedTopics(config).topics) {
    // Nothing was received in one that is gone; the others are read all the same.
    if (!existing.has(topic)) continue;
    // The first offset at or after the time; the end of the partition when there is none.
    const starts = await admin.fetchTopicOffsetsByTimestamp(topic, fromMs);
    // Lines that were sent on from several partitions are not in the order of their times.
    const ends = config.rekey
      ? await admin.fetchTopicOffsets(topic)
      : await admin.fetchTopicOffsetsByTimestamp(topic, toMs);
    for (const { partition, offset } of starts) {
      const start = Number(offset);
      const end = Number(ends.find((found) => found.partition === partition)?.offset ?? offset);
      if (start < end) spans.push({ topic, partition, start, end });
    }
  }
  return spans;
}

async function consume(input: {
  client: Kafka;
  groupId: string;
  spans: readonly Span[];
  channel: ArrayChannel<RawRecord>;
  topics: ConsumedTopics;
}): Promise<Consumer> {
  const { client, groupId, spans, channel, topics } = input;
  const left = new Map(spans.map((span) => [`${span.topic}/${span.partition}`, span]));
  const consumer = client.consumer({
    groupId,
    maxWaitTimeInMs: 100,
    allowAutoTopicCreation: false,
  });
  const silence = setTimeout(
    () => channel.fail(new BrokerFailure(`Kafka sent nothing for ${SILENCE_MS / 1_000} s`)),
    SILENCE_MS,
  );
  const passed = (topic: string, partition: number, lastOffset: number) => {
    const span = left.get(`${topic}/${partition}`);
    if (span === undefined || lastOffset < span.end - 1) return;
    left.delete(`${topic}/${partition}`);
    consumer.pause([{ topic, partitions: [partition] }]);
    if (left.size === 0) channel.close();
  };
  // Also told of batches that have nothing but markers of transactions.
  consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) =>
    passed(payload.topic, payload.partition, Number(payload.lastOffset)),
  );
  consumer.on(consumer.events.CRASH, ({ payload }) => channel.fail(payload.error));
  consumer.on(consumer.events.DISCONNECT, () => clearTimeout(silence));
  await consumer.connect();
  await consumer.subscribe({
    topics: [...new Set(spans.map(({ topic }) => topic))],
    fromBeginning: true,
  });
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch: { topic, partition, messages }, heartbeat }) => {
      silence.refresh();
      const span = left.get(`${topic}/${partition}`);
      if (span === undefined) return;
      const records = topics
        .recordsOf(topic, partition, messages)
        .filter(({ unreadable }) => unreadable === undefined)
        .filter(({ offset }) => offset >= span.start && offset < span.end);
      const beating = setInterval(() => void heartbeat().catch(() => undefined), 3_000);
      await channel.give(records);
      clearInterval(beating);
      silence.refresh();
    },
  });
  for (const { topic, partition, start } of spans) {
    consumer.seek({ topic, partition, offset: String(start) });
  }
  return consumer;
}

async function* taken(
  channel: ArrayChannel<RawRecord>,
  signal: AbortSignal | undefined,
): AsyncGenerator<RawRecord, void, undefined> {
  const stop = () => channel.close();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    for (;;) {
      const records = await channel.take();
      if (records === undefined || signal?.aborted === true) return;
      yield* records;
    }
  } finally {
    signal?.removeEventListener('abort', stop);
    channel.close();
  }
}

async function* within(
  records: AsyncIterable<RawRecord>,
  { stream, fromMs, toMs, limit, signal }: ReadRange,
): AsyncGenerator<RawRecord, void, undefined> {
  let left = limit;
  for await (const record of records) {
    const isWanted =
      record.stream === stream && record.receivedAtMs >= fromMs && record.receivedAtMs < toMs;
    if (!isWanted) continue;
    if (left <= 0 || signal?.aborted === true) return;
    left--;
    yield record;
  }
}
