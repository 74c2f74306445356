import { tooLarge, unpacking } from './unpack-failure';

const MAGIC = 0x184d2204;
const FLAG_VERSION = 0xc0;
const VERSION = 0x40;
const FLAG_BLOCK_CHECKSUM = 0x10;
const FLAG_CONTENT_SIZE = 0x08;
const FLAG_CONTENT_CHECKSUM = 0x04;
const FLAG_DICTIONARY = 0x01;
const STORED_BLOCK = 0x80000000;
const MAX_BLOCK_BYTES = 4 * 1_024 * 1_024;
const MIN_MATCH = 4;
const FIRST_BYTES = 65_536;

/**
 * Unpacks frames of LZ4. Their checksums are not looked at: the batch has one of its own, which the broker verified.
 *
 * Source: LZ4 Frame Format 1.6.3 and LZ4 Block Format, lz4/lz4 `doc/`.
 *
 * @throws UnpackFailure when it is damaged or would be more than `maxBytes`
 */
export function unpackLz4(packed: Buffer, maxBytes: number): Buffer {
  return unpacking('LZ4', () => {
    const output = new Output(maxBytes);
    let at = 0;
    do at = unpackFrame(packed, at, output);
    while (at < packed.length);
    return output.bytes;
  });
}

/** Gives the place after the frame. */
function unpackFrame(packed: Buffer, start: number, output: Output): number {
  if (packed.readUInt32LE(start) !== MAGIC) throw new RangeError('this is no frame of LZ4');
  const flags = packed.readUInt8(start + 4);
  if ((flags & FLAG_VERSION) !== VERSION || (flags & FLAG_DICTIONARY) !== 0) {
    throw new RangeError('this kind of LZ4 frame is not known');
  }
  // Magic number, flags, block sizes; the size of the content; the head's checksum.
  let at = start + 6 + ((flags & FLAG_CONTENT_SIZE) === 0 ? 0 : 8) + 1;
  for (;;) {
    const head = packed.readUInt32LE(at);
    at += 4;
    if (head === 0) break;
    const isStored = (head & STORED_BLOCK) !== 0;
    const length = head % STORED_BLOCK;
    if (length > MAX_BLOCK_BYTES || at + length > packed.length) {
      throw new RangeError('a block of LZ4 is cut off');
    }
    const block = packed.subarray(at, at + length);
    if (isStored) output.append(block);
    else unpackBlock(block, output);
    at += length + ((flags & FLAG_BLOCK_CHECKSUM) === 0 ? 0 : 4);
  }
  at += (flags & FLAG_CONTENT_CHECKSUM) === 0 ? 0 : 4;
  if (at > packed.length) throw new RangeError('a frame is cut off');
  return at;
}

function unpackBlock(block: Buffer, output: Output): void {
  let at = 0;
  const extended = (nibble: number): number => {
    let length = nibble;
    if (nibble !== 15) return length;
    for (let more = 255; more === 255;) {
      more = block.readUInt8(at++);
      length += more;
    }
    return length;
  };
  while (at < block.length) {
    const token = block.readUInt8(at++);
    const literals = extended(token >> 4);
    if (at + literals > block.length) throw new RangeError('literals of LZ4 are cut off');
    output.append(block.subarray(at, at + literals));
    at += literals;
    // The last sequence has literals only.
    if (at === block.length) return;
    const distance = block.readUInt16LE(at);
    at += 2;
    output.repeat(distance, extended(token & 15) + MIN_MATCH);
  }
}

/** Grows as it is written to, up to what a batch may be. */
class Output {
  private buffer = Buffer.allocUnsafe(FIRST_BYTES);
  private length = 0;

  constructor(private readonly maxBytes: number) {}

  get bytes(): Buffer {
    return this.buffer.subarray(0, this.length);
  }

  append(bytes: Buffer): void {
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Writes again what is `distance` bytes back; the two may overlap. */
  repeat(distance: number, count: number): void {
    if (distance === 0 || distance > this.length) {
      throw new RangeError('LZ4 refers to before its beginning');
    }
    this.reserve(count);
    const { buffer } = this;
    const end = this.length + count;
    if (distance >= count) {
      buffer.copyWithin(this.length, this.length - distance, this.length - distance + count);
    } else {
      for (let to = this.length; to < end; to++) buffer[to] = buffer[to - distance] ?? 0;
    }
    this.length = end;
  }

  private reserve(count: number): void {
    const needed = this.length + count;
    if (needed > this.maxBytes) throw tooLarge(this.maxBytes);
    if (needed <= this.buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.buffer.length * 2));
    this.buffer.copy(grown, 0, 0, this.length);
    this.buffer = grown;
  }
}
