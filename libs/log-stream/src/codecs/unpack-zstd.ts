import { decompress, Decompress } from 'fzstd';
import { tooLarge, unpacking } from './unpack-failure';

const MAGIC = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50;
const FLAG_SINGLE_SEGMENT = 0x20;
const FLAG_CHECKSUM = 0x04;
const BLOCK_HEAD_BYTES = 3;
const REPEATED_BYTE = 1;
/** The codec moves the whole window for each block: more than this takes a second, and no producer writes so. */
const MAX_MOVED_BYTES = 4 * 1_024 ** 3;

interface Frame {
  readonly bytes: Buffer;
  readonly blocks: number;
  readonly windowBytes: number;
  /** Where the head tells it. */
  readonly contentBytes: number | undefined;
}

/**
 * Unpacks frames of Zstandard.
 *
 * Source: RFC 8878, sections 3.1.1 (frames and blocks) and 3.1.2 (skippable frames).
 *
 * @throws UnpackFailure when it is damaged, would be more than `maxBytes`, or is made to take long
 */
export function unpackZstd(packed: Buffer, maxBytes: number): Buffer {
  return unpacking('Zstandard', () => {
    if (packed.length === 0) throw new RangeError('it is empty');
    const parts: Uint8Array[] = [];
    let bytes = 0;
    const take = (part: Uint8Array) => {
      bytes += part.length;
      if (bytes > maxBytes) throw tooLarge(maxBytes);
      parts.push(part);
    };
    for (const { bytes: frame, blocks, windowBytes, contentBytes } of framesOf(packed)) {
      if (contentBytes !== undefined) {
        if (bytes + contentBytes > maxBytes) throw tooLarge(maxBytes);
        take(decompress(frame, undefined));
      } else {
        if (blocks * windowBytes > MAX_MOVED_BYTES) throw tooLarge(maxBytes);
        new Decompress(take).push(frame, true);
      }
    }
    return Buffer.concat(parts, bytes);
  });
}

function* framesOf(packed: Buffer): Generator<Frame> {
  for (let at = 0; at < packed.length;) {
    const magic = packed.readUInt32LE(at);
    if ((magic & ~0x0f) >>> 0 === SKIPPABLE) {
      at += 8 + packed.readUInt32LE(at + 4);
      continue;
    }
    if (magic !== MAGIC) throw new RangeError('this is no frame');
    const frame = readFrame(packed.subarray(at));
    yield frame;
    at += frame.bytes.length;
  }
}

/** Walks over the blocks without unpacking them. */
function readFrame(packed: Buffer): Frame {
  const flags = packed.readUInt8(4);
  const isSingle = (flags & FLAG_SINGLE_SEGMENT) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][flags & 3] ?? 0;
  const sizeAt = (isSingle ? 5 : 6) + dictionaryBytes;
  const sizeBytes = [isSingle ? 1 : 0, 2, 4, 8][flags >> 6] ?? 0;
  const contentBytes = sizeBytes === 0 ? undefined : contentSize(packed, sizeAt, sizeBytes);
  const windowBytes = isSingle ? (contentBytes ?? 0) : windowSize(packed.readUInt8(5));

  let at = sizeAt + sizeBytes;
  let blocks = 0;
  for (let isLast = false; !isLast; blocks++) {
    const head = packed.readUIntLE(at, BLOCK_HEAD_BYTES);
    isLast = (head & 1) === 1;
    const isRepeated = ((head >> 1) & 3) === REPEATED_BYTE;
    at += BLOCK_HEAD_BYTES + (isRepeated ? 1 : head >> 3);
  }
  if ((flags & FLAG_CHECKSUM) !== 0) at += 4;
  if (at > packed.length) throw new RangeError('a frame is cut off');
  return { bytes: packed.subarray(0, at), blocks, windowBytes, contentBytes };
}

function contentSize(packed: Buffer, at: number, bytes: number): number {
  if (bytes === 8) return Number(packed.readBigUInt64LE(at));
  // Two bytes begin where one ends.
  return packed.readUIntLE(at, bytes) + (bytes === 2 ? 256 : 0);
}

function windowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}
