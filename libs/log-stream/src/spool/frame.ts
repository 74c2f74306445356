import { crc32 } from 'node:zlib';

/**
 * A frame is what one append wrote: lines of one stream with the same headers and time.
 *
 * | bytes | little-endian |
 * |---|---|
 * | 4 | "LBF1" |
 * | 4 | length of the body |
 * | 4 | CRC-32 of everything after this field |
 * | 8 | offset of the first record, float64 |
 * | 8 | received at, epoch milliseconds, float64 |
 * | 4 | number of records |
 * | 2 + n | stream |
 * | 4 + n | headers, JSON |
 * | 4 + n | each record |
 */
const MAGIC = 0x3146424c;
export const MAGIC_BYTES: Buffer = Buffer.from('LBF1');
export const HEADER_BYTES = 32;
const CHECKED_FROM = 12;
/** No append is larger; a length above it is not a length. */
export const MAX_BODY_BYTES = 256 * 1_024 * 1_024;

export interface FrameHead {
  readonly bodyBytes: number;
  readonly checksum: number;
  readonly baseOffset: number;
  readonly receivedAtMs: number;
  readonly count: number;
}

export interface Frame extends FrameHead {
  readonly stream: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly values: readonly Uint8Array[];
}

/** The body of a frame, which does not know its place yet. */
export function encodeBody(
  stream: string,
  headers: Readonly<Record<string, string>>,
  values: readonly Uint8Array[],
): Buffer {
  const name = Buffer.from(stream);
  const json = Buffer.from(JSON.stringify(headers));
  let bytes = 2 + name.length + 4 + json.length;
  for (const value of values) bytes += 4 + value.length;

  const body = Buffer.allocUnsafe(bytes);
  let at = body.writeUInt16LE(name.length, 0);
  at += name.copy(body, at);
  at = body.writeUInt32LE(json.length, at);
  at += json.copy(body, at);
  for (const value of values) {
    at = body.writeUInt32LE(value.length, at);
    body.set(value, at);
    at += value.length;
  }
  return body;
}

export function encodeHead(
  body: Buffer,
  place: { readonly baseOffset: number; readonly receivedAtMs: number; readonly count: number },
): Buffer {
  const head = Buffer.allocUnsafe(HEADER_BYTES);
  head.writeUInt32LE(MAGIC, 0);
  head.writeUInt32LE(body.length, 4);
  head.writeDoubleLE(place.baseOffset, 12);
  head.writeDoubleLE(place.receivedAtMs, 20);
  head.writeUInt32LE(place.count, 28);
  head.writeUInt32LE(crc32(body, crc32(head.subarray(CHECKED_FROM))), 8);
  return head;
}

/** The head at the beginning of the bytes; `undefined` when they cannot be one. */
export function decodeHead(bytes: Buffer): FrameHead | undefined {
  if (bytes.length < HEADER_BYTES || bytes.readUInt32LE(0) !== MAGIC) return undefined;
  const bodyBytes = bytes.readUInt32LE(4);
  if (bodyBytes > MAX_BODY_BYTES) return undefined;
  return {
    bodyBytes,
    checksum: bytes.readUInt32LE(8),
    baseOffset: bytes.readDoubleLE(12),
    receivedAtMs: bytes.readDoubleLE(20),
    count: bytes.readUInt32LE(28),
  };
}

/** Whether head and body are what was written; `bytes` is the whole frame. */
export function isIntact(head: FrameHead, bytes: Buffer): boolean {
  return crc32(bytes.subarray(CHECKED_FROM)) === head.checksum;
}

/** The whole frame, known to be intact. Values are views of `bytes`. */
export function decodeFrame(head: FrameHead, bytes: Buffer): Frame {
  let at = HEADER_BYTES;
  const nameBytes = bytes.readUInt16LE(at);
  at += 2;
  const stream = bytes.toString('utf8', at, at + nameBytes);
  at += nameBytes;
  const jsonBytes = bytes.readUInt32LE(at);
  at += 4;
  const headers = Object.freeze(
    JSON.parse(bytes.toString('utf8', at, at + jsonBytes)) as Record<string, string>,
  );
  at += jsonBytes;
  const values: Uint8Array[] = [];
  for (let record = 0; record < head.count; record++) {
    const valueBytes = bytes.readUInt32LE(at);
    at += 4;
    values.push(bytes.subarray(at, at + valueBytes));
    at += valueBytes;
  }
  return { ...head, stream, headers, values };
}
