import kafkajs, { type KafkaMessage } from 'kafkajs';
import { UnpackFailure } from '../codecs/unpack-failure';
import { FetchedMessage } from './fetched-message';
import { type BatchHead, RecordColumns } from './record-columns';
import { buildStandIn } from './unreadable-batch';
import { damaged } from './varint-reader';

/** Where in its head a record batch says what. */
const LENGTH_AT = 8;
const MAGIC_AT = 16;
const ATTRIBUTES_AT = 21;
const LAST_OFFSET_DELTA_AT = 23;
const FIRST_TIMESTAMP_AT = 27;
const MAX_TIMESTAMP_AT = 35;
const PRODUCER_ID_AT = 43;
const COUNT_AT = 57;
const HEAD_BYTES = 61;
/** The offset and the length, which the length does not count. */
const UNCOUNTED_BYTES = 12;
const MAGIC = 2;
const CODEC = 0b111;
const IS_APPEND_TIME = 0b1000;
const IS_TRANSACTIONAL = 0b1_0000;
const IS_CONTROL = 0b10_0000;
/** Of the key of a mark, after its version. */
const TYPE_AT = 2;
const TYPE_BYTES = 2;
const ABORT = 0;

/** A record batch as it was fetched: its records are of one producer and in one transaction, or in none. */
export interface FetchedBatch {
  readonly lastOffset: number;
  readonly producerId: bigint;
  readonly isTransactional: boolean;
  /** What the batch marks, where it has no records but the mark of a transaction's end. */
  readonly mark: 'abort' | 'other' | undefined;
  readonly columns: RecordColumns;
}

/** Whether record batches lie there, and not messages as producers of before Kafka 0.11 wrote them. */
export function areBatches(set: Buffer): boolean {
  return set.length > MAGIC_AT && set.readInt8(MAGIC_AT) === MAGIC;
}

/**
 * The whole batches at the beginning of what was fetched; a last one that is cut off comes again with the next fetch.
 * One that cannot be unpacked has stand-ins in place of its records (`unreadableBatchOf`).
 *
 * Source: Apache Kafka documentation, "Message Format", record batch of magic 2.
 *
 * @throws UnpackFailure when they are no record batches, or have offsets that a number cannot tell apart
 */
export async function readBatches(set: Buffer): Promise<readonly FetchedBatch[]> {
  const batches: FetchedBatch[] = [];
  let at = 0;
  while (at + HEAD_BYTES <= set.length) {
    const end = at + UNCOUNTED_BYTES + set.readInt32BE(at + LENGTH_AT);
    if (end < at + HEAD_BYTES) throw damaged();
    if (end > set.length || set.readInt8(at + MAGIC_AT) !== MAGIC) break;
    batches.push(await readBatch(set.subarray(at, end)));
    at = end;
  }
  return batches;
}

/** The records of the batches as messages; those that are not to be seen are marks, whose offsets count. */
export function messagesOf(
  batches: readonly FetchedBatch[],
  passedOver: ReadonlySet<object>,
): readonly KafkaMessage[] {
  const messages: KafkaMessage[] = [];
  for (const batch of batches) {
    const isHidden = batch.mark !== undefined || passedOver.has(batch);
    const { columns, lastOffset } = batch;
    for (let index = 0; index < columns.count; index++) {
      messages.push(new FetchedMessage(columns, index, isHidden));
    }
    // Compaction took the last ones; without a mark in their place the batch would be fetched again and again.
    if ((columns.offsets.at(-1) ?? -1) < lastOffset) messages.push(markAt(lastOffset));
  }
  return messages;
}

function markAt(offset: number): KafkaMessage & { readonly isControlRecord: boolean } {
  const nothing = { key: null, value: null, timestamp: '-1', attributes: 0, headers: {} };
  return { ...nothing, offset: String(offset), isControlRecord: true };
}

type BuildCodec = () => { decompress(packed: Buffer): Promise<Buffer> };

async function readBatch(batch: Buffer): Promise<FetchedBatch> {
  const baseOffset = Number(batch.readBigInt64BE(0));
  const attributes = batch.readInt16BE(ATTRIBUTES_AT);
  const lastOffsetDelta = Math.max(0, batch.readInt32BE(LAST_OFFSET_DELTA_AT));
  if (baseOffset < 0 || baseOffset + lastOffsetDelta > Number.MAX_SAFE_INTEGER) throw damaged();
  const isAppendTime = (attributes & IS_APPEND_TIME) !== 0;
  const columns = await readRecords(batch.subarray(HEAD_BYTES), attributes & CODEC, {
    baseOffset,
    firstTimestamp: Number(batch.readBigInt64BE(FIRST_TIMESTAMP_AT)),
    appendedAt: isAppendTime ? Number(batch.readBigInt64BE(MAX_TIMESTAMP_AT)) : undefined,
    count: Math.max(0, batch.readInt32BE(COUNT_AT)),
    lastOffsetDelta,
  });
  return {
    lastOffset: baseOffset + lastOffsetDelta,
    producerId: batch.readBigInt64BE(PRODUCER_ID_AT),
    isTransactional: (attributes & IS_TRANSACTIONAL) !== 0,
    mark: (attributes & IS_CONTROL) === 0 ? undefined : markOf(columns),
    columns,
  };
}

async function readRecords(packed: Buffer, codec: number, head: BatchHead): Promise<RecordColumns> {
  try {
    // Of a batch of which compaction has left nothing, there is nothing to unpack.
    return new RecordColumns(head.count === 0 ? packed : await unpack(packed, codec), head);
  } catch (error) {
    if (!(error instanceof UnpackFailure)) throw error;
    const { bytes, count } = buildStandIn(packed, head.lastOffsetDelta, error);
    return new RecordColumns(bytes, { ...head, count });
  }
}

async function unpack(packed: Buffer, codec: number): Promise<Buffer> {
  if (codec === 0) return packed;
  const codecs: Readonly<Record<number, BuildCodec | undefined>> = kafkajs.CompressionCodecs;
  const build = codecs[codec];
  if (build === undefined) throw damaged();
  return build().decompress(packed);
}

function markOf(columns: RecordColumns): 'abort' | 'other' {
  const key = columns.count > 0 ? columns.keyOf(0) : null;
  const isAbort =
    key !== null && key.length >= TYPE_AT + TYPE_BYTES && key.readInt16BE(TYPE_AT) === ABORT;
  return isAbort ? 'abort' : 'other';
}
