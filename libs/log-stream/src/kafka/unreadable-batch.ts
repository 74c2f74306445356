import type { UnpackFailure } from '../codecs/unpack-failure';

/** Why a batch could not be unpacked, and its bytes as they came. */
export interface UnreadableBatch {
  readonly failure: UnpackFailure;
  readonly packed: Buffer;
}

/** Length, attributes, time, offset, no key, an empty value, no header: an offset takes at most five bytes. */
const RECORD_BYTES = 11;
/** Length −1. */
const NO_KEY = 1;

/** Stand-in records are known by the memory that they lie in, which no producer can forge. */
const standIns = new WeakMap<ArrayBufferLike, UnreadableBatch>();

/**
 * Records without key and text at the first and the last offset of a batch that cannot be unpacked. Without them the batch would be
 * fetched again for ever; so it is passed, and what it stands for can be parked.
 *
 * Source: Apache Kafka documentation, "Message Format", records of magic 2.
 */
export function buildStandIn(
  packed: Buffer,
  lastOffsetDelta: number,
  failure: UnpackFailure,
): { readonly bytes: Buffer; readonly count: number } {
  const deltas = [...new Set([0, lastOffsetDelta])];
  const memory = Buffer.from(new ArrayBuffer(deltas.length * RECORD_BYTES));
  let at = 0;
  for (const delta of deltas) {
    const bytes = [0, 0, ...zigZag(delta), NO_KEY, 0, 0];
    memory.set([bytes.length * 2, ...bytes], at);
    at += bytes.length + 1;
  }
  // A copy: the memory of the whole answer is not held by it.
  standIns.set(memory.buffer, { failure, packed: Buffer.from(packed) });
  return { bytes: memory.subarray(0, at), count: deltas.length };
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
