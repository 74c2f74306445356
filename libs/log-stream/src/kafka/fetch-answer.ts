import { createRequire } from 'node:module';
import type { KafkaMessage } from 'kafkajs';
import { areBatches, type FetchedBatch, messagesOf, readBatches } from './fetched-batch';

/** An answer to a fetch, as the client library's own decoder would hand it on. */
export interface FetchAnswer {
  readonly throttleTime: number;
  readonly clientSideThrottleTime?: number;
  readonly errorCode?: number;
  readonly sessionId?: number;
  readonly responses: readonly {
    readonly topicName: string;
    readonly partitions: readonly FetchedPartition[];
  }[];
}

interface FetchedPartition {
  readonly partition: number;
  readonly errorCode: number;
  readonly highWatermark: string;
  readonly lastStableOffset: string;
  readonly lastStartOffset?: string;
  /** None: what was aborted is passed over here. */
  readonly abortedTransactions: readonly [];
  readonly preferredReadReplica?: number;
  readonly messages: readonly KafkaMessage[];
}

export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: number;
}

interface AnswerDecoder {
  decode: (raw: Buffer) => Promise<FetchAnswer>;
}

/** What the client library reads messages with that are no record batches. */
export interface OldFormat {
  readonly Decoder: new (bytes: Buffer) => object;
  readonly decodeMessages: (decoder: object, bytes: number) => Promise<readonly KafkaMessage[]>;
}

/** Versions of fetches that tell of transactions; which of them say what. */
const VERSIONS = [4, 5, 6, 7, 8, 9, 10, 11];
const TELLS_START_OFFSET = 5;
const TELLS_SESSION = 7;
const IS_THROTTLED_BY_CLIENT = 8;
const TELLS_REPLICA = 11;

let isReading = false;

/**
 * Has the client library's answers to fetches read here. Its own way makes a dozen objects a record, which cost more than all else that
 * is done for a line before its detector sees it; it lets records through that were never committed, where aborted transactions overlap;
 * and it fetches for ever again what it cannot unpack.
 */
export function readFetchAnswers(): void {
  if (isReading) return;
  isReading = true;
  const require = createRequire(import.meta.url);
  const oldFormat: OldFormat = {
    Decoder: require('kafkajs/src/protocol/decoder') as OldFormat['Decoder'],
    decodeMessages:
      require('kafkajs/src/protocol/messageSet/decoder') as OldFormat['decodeMessages'],
  };
  const decoders = VERSIONS.map((version) => ({
    version,
    decoder: require(`kafkajs/src/protocol/requests/fetch/v${version}/response`) as AnswerDecoder,
  }));
  for (const { version, decoder } of decoders) {
    decoder.decode = (raw) => decodeFetchAnswer(raw, version, oldFormat);
  }
}

/**
 * Source: Apache Kafka documentation, "Protocol", Fetch API (key 1), responses of versions 4 to 11.
 *
 * @param raw the answer without its length and correlation id
 */
export async function decodeFetchAnswer(
  raw: Buffer,
  version: number,
  oldFormat: OldFormat,
): Promise<FetchAnswer> {
  const reader = new AnswerReader(raw);
  const throttledMs = reader.int32();
  const session =
    version < TELLS_SESSION ? {} : { errorCode: reader.int16(), sessionId: reader.int32() };
  const responses: FetchAnswer['responses'][number][] = [];
  for (let topics = reader.int32(); topics > 0; topics--) {
    const topicName = reader.text();
    const partitions: FetchedPartition[] = [];
    for (let count = reader.int32(); count > 0; count--) {
      partitions.push(await readPartition(reader, version, oldFormat));
    }
    responses.push({ topicName, partitions });
  }
  // From this version on the broker leaves the waiting to the client.
  return version < IS_THROTTLED_BY_CLIENT
    ? { throttleTime: throttledMs, ...session, responses }
    : { throttleTime: 0, clientSideThrottleTime: throttledMs, ...session, responses };
}

/**
 * The batches that were aborted, in the order of their offsets. The client library's own way takes aborted transactions for ordered by
 * their beginnings; brokers tell them in the order of their ends.
 *
 * Source: Apache Kafka, `CompletedFetch` of the Java consumer.
 */
export function abortedOf(
  batches: readonly Omit<FetchedBatch, 'columns'>[],
  transactions: readonly AbortedTransaction[],
): ReadonlySet<object> {
  const aborted = new Set<object>();
  const begun = new Set<bigint>();
  const waiting = [...transactions].sort((a, b) => a.firstOffset - b.firstOffset);
  for (const batch of batches) {
    const { lastOffset, producerId, isTransactional, mark } = batch;
    while (waiting[0] !== undefined && waiting[0].firstOffset <= lastOffset) {
      begun.add(waiting[0].producerId);
      waiting.shift();
    }
    if (mark === 'abort') begun.delete(producerId);
    else if (mark === undefined && isTransactional && begun.has(producerId)) aborted.add(batch);
  }
  return aborted;
}

async function readPartition(
  reader: AnswerReader,
  version: number,
  oldFormat: OldFormat,
): Promise<FetchedPartition> {
  const head = {
    partition: reader.int32(),
    errorCode: reader.int16(),
    highWatermark: String(reader.int64()),
    lastStableOffset: String(reader.int64()),
    ...(version < TELLS_START_OFFSET ? {} : { lastStartOffset: String(reader.int64()) }),
  };
  const transactions: AbortedTransaction[] = [];
  for (let count = reader.int32(); count > 0; count--) {
    transactions.push({ producerId: reader.int64(), firstOffset: Number(reader.int64()) });
  }
  const replica = version < TELLS_REPLICA ? {} : { preferredReadReplica: reader.int32() };
  const messages = await readMessages(reader.bytes(), transactions, oldFormat);
  return { ...head, ...replica, abortedTransactions: [], messages };
}

async function readMessages(
  set: Buffer,
  transactions: readonly AbortedTransaction[],
  { Decoder, decodeMessages }: OldFormat,
): Promise<readonly KafkaMessage[]> {
  if (!areBatches(set)) {
    return set.length === 0 ? [] : decodeMessages(new Decoder(set), set.length);
  }
  const batches = await readBatches(set);
  return messagesOf(batches, abortedOf(batches, transactions));
}

/** Reads an answer from its beginning. */
class AnswerReader {
  private at = 0;

  constructor(private readonly raw: Buffer) {}

  int16(): number {
    this.at += 2;
    return this.raw.readInt16BE(this.at - 2);
  }

  int32(): number {
    this.at += 4;
    return this.raw.readInt32BE(this.at - 4);
  }

  int64(): bigint {
    this.at += 8;
    return this.raw.readBigInt64BE(this.at - 8);
  }

  text(): string {
    const length = Math.max(0, this.int16());
    this.at += length;
    return this.raw.toString('utf8', this.at - length, this.at);
  }

  /** A view; empty where there are none. */
  bytes(): Buffer {
    const length = Math.max(0, this.int32());
    this.at += length;
    return this.raw.subarray(this.at - length, this.at);
  }
}
