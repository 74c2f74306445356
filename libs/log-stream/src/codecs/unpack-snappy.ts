import { uncompress } from 'snappyjs';
import { tooLarge, unpacking } from './unpack-failure';

/** snappy-java, and so every Java producer, packs in blocks behind a head of its own; librdkafka and Go do not. */
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEAD_BYTES = 16;
const BITS_OF_A_BYTE = 7;
const LENGTH_BYTES = 5;

/**
 * Unpacks Snappy, one block or blocks in the frame of snappy-java.
 *
 * @throws UnpackFailure when it is damaged or would be more than `maxBytes`
 */
export function unpackSnappy(packed: Buffer, maxBytes: number): Buffer {
  return unpacking('Snappy', () => {
    if (!packed.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) {
      return unpackBlock(packed, maxBytes);
    }
    const blocks: Buffer[] = [];
    let bytes = 0;
    for (let at = XERIAL_HEAD_BYTES; at < packed.length;) {
      const length = packed.readUInt32BE(at);
      at += 4;
      if (at + length > packed.length) throw new RangeError('a block is cut off');
      const block = unpackBlock(packed.subarray(at, at + length), maxBytes - bytes);
      blocks.push(block);
      bytes += block.length;
      at += length;
    }
    return Buffer.concat(blocks, bytes);
  });
}

function unpackBlock(packed: Buffer, maxBytes: number): Buffer {
  if (claimedLength(packed) > maxBytes) throw tooLarge(maxBytes);
  return uncompress(packed);
}

/** What the head of a block says it unpacks to; NaN when there is none, which the codec then tells. */
function claimedLength(packed: Buffer): number {
  let length = 0;
  for (let at = 0; at < LENGTH_BYTES; at++) {
    const byte = packed[at] ?? NaN;
    length += (byte % 0x80) * 2 ** (BITS_OF_A_BYTE * at);
    if (!(byte >= 0x80)) break;
  }
  return length;
}
