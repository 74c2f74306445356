import type { UnpackFailure } from '../codecs/unpack-failure';

/** Why a batch could not be unpacked, and its bytes as they came. */
export interface UnreadableBatch {
  readonly failure: UnpackFailure;
  readonly packed: Buffer;
}

/** Of a record batch, before its records: the offset and the length, then what the length counts. */
const HEAD_BYTES = 61;
const LENGTH_AT = 8;
const MAGIC_AT = 16;
const LAST_OFFSET_DELTA_AT = 23;
const COUNT_AT = 57;
const MAGIC = 2;
const UNCOUNTED_BYTES = 12;
/** Length, attributes, time, offset, no key, an empty value, no header: an offset takes at most five bytes. */
const RECORD_BYTES = 11;
/** Length −1. */
const NO_KEY = 1;

/** Stand-in records are known by the memory that they lie in, which no producer can forge. */
const standIns = new WeakMap<ArrayBufferLike, UnreadableBatch>();

/**
 * Records without key and text that stand for those of a batch that cannot be unpacked. The client library would fetch such a batch
 * again for ever; so it passes it, and what it stands for can be parked.
 *
 * Source: Apache Kafka documentation, "Message Format", record batch of magic 2.
 *
 * @param packed what the client library hands to a codec: the rest of the batch that lies in memory before it
 * @returns undefined when no head of a record batch lies there
 */
export function buildStandIn(packed: Buffer, failure: UnpackFailure): Buffer | undefined {
  if (packed.byteOffset < HEAD_BYTES) return undefined;
  const head = Buffer.from(packed.buffer, packed.byteOffset - HEAD_BYTES, HEAD_BYTES);
  const isBatch =
    head.readInt8(MAGIC_AT) === MAGIC &&
    head.readInt32BE(LENGTH_AT) === packed.length + HEAD_BYTES - UNCOUNTED_BYTES;
  const count = head.readInt32BE(COUNT_AT);
  const lastDelta = head.readInt32BE(LAST_OFFSET_DELTA_AT);
  if (!isBatch || count <= 0 || count > lastDelta + 1) return undefined;

  const memory = Buffer.from(new ArrayBuffer(count * RECORD_BYTES));
  let at = 0;
  for (let index = 0; index < count; index++) {
    // Of a compacted batch it is not known which are left; the last one always has the last offset.
    const delta = index === count - 1 ? lastDelta : index;
    const bytes = [0, 0, ...zigZag(delta), NO_KEY, 0, 0];
    memory.set([bytes.length * 2, ...bytes], at);
    at += bytes.length + 1;
  }
  // A copy: the memory of the whole answer is not held by it.
  standIns.set(memory.buffer, { failure, packed: Buffer.from(packed) });
  return memory.subarray(0, at);
}

/** What records stand for, by their bytes; undefined for those of any other batch. */
export function unreadableBatchOf(records: Buffer): UnreadableBatch | undefined {
  return standIns.get(records.buffer);
}

/** A number as the protocol writes it: seven bits a byte, the lowest first; the sign is the lowest of all. */
function zigZag(value: number): readonly number[] {
  const bytes: number[] = [];
  let left = value * 2;
  while (left >= 0x80) {
    bytes.push((left % 0x80) | 0x80);
    left = Math.floor(left / 0x80);
  }
  bytes.push(left);
  return bytes;
}
