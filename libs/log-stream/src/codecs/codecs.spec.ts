import { compress } from 'snappyjs';
import { describe, expect, it } from 'vitest';
import { UnpackFailure } from './unpack-failure';
import { unpackLz4 } from './unpack-lz4';
import { unpackSnappy } from './unpack-snappy';
import { unpackZstd } from './unpack-zstd';

const LIMIT = 1_000_000;
const TEXT = 'line 1 abcabcabcabcabcabcabcabc\n'.repeat(40);
/** Written by the command-line tools zstd 1.5 and lz4 1.9, with and without the size of the content. */
const ZSTD = Buffer.from('KLUv/WQABK0AAFhsaW5lIDEgYWJjCgIA3Qz1Cz+HBPQb1Cc=', 'base64');
const ZSTD_STREAMED = Buffer.from('KLUv/QRYrQAAWGxpbmUgMSBhYmMKAgDdDPULP4cE9BvUJw==', 'base64');
const LZ4 = Buffer.from(
  'BCJNGGRApx0AAACvbGluZSAxIGFiYwMAAh8KIAD/////zFBjYWJjCgAAAADl/OtL',
  'base64',
);
const LZ4_LINKED = Buffer.from(
  'BCJNGHxAAAUAAAAAAAA1HQAAAK9saW5lIDEgYWJjAwACHwogAP/////MUGNhYmMKVBtx1wAAAADl/OtL',
  'base64',
);

const xerial = (...blocks: readonly Buffer[]) =>
  Buffer.concat([
    Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1]),
    ...blocks.flatMap((block) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(block.length);
      return [length, block];
    }),
  ]);
const SNAPPY = Buffer.from(compress(Buffer.from(TEXT)));

const codecs = [
  ['Snappy in one block', unpackSnappy, SNAPPY, 1],
  ['Snappy in blocks, as of Java', unpackSnappy, xerial(SNAPPY, SNAPPY), 2],
  ['Zstandard', unpackZstd, ZSTD, 1],
  ['Zstandard without its size', unpackZstd, ZSTD_STREAMED, 1],
  ['frames of Zstandard', unpackZstd, Buffer.concat([ZSTD, ZSTD_STREAMED]), 2],
  ['LZ4', unpackLz4, LZ4, 1],
  ['LZ4 with linked blocks and checksums', unpackLz4, LZ4_LINKED, 1],
  ['frames of LZ4', unpackLz4, Buffer.concat([LZ4, LZ4_LINKED]), 2],
] as const;

describe.each(codecs)('%s', (_name, unpack, packed, times) => {
  const expected = TEXT.repeat(times);

  it('is unpacked', () => {
    expect(unpack(packed, LIMIT).toString()).toBe(expected);
    expect(unpack(packed, expected.length).toString()).toBe(expected);
  });

  it('is refused when it would be more than the limit', () => {
    expect(() => unpack(packed, expected.length - 1)).toThrow(
      expect.objectContaining({ code: 'log-stream/unpack-too-large', retriable: false }),
    );
  });

  // The codec takes a cut block of Snappy for one with zeros at its end.
  it.skipIf(unpack === unpackSnappy)('is refused when it is cut off anywhere', () => {
    for (let length = 0; length < packed.length; length++) {
      const cut = packed.subarray(0, length);
      try {
        expect(unpack(cut, LIMIT).toString()).toBe(TEXT);
        // Between two frames it is only shorter.
        expect(times).toBe(2);
      } catch (error) {
        if (!(error instanceof UnpackFailure)) throw error;
      }
    }
  });

  it('is refused or gives other bytes, and never more than the limit, when bytes are wrong', () => {
    for (let place = 0; place < packed.length; place++) {
      for (const wrong of [0x00, 0x7f, 0xff]) {
        const damaged = Buffer.from(packed);
        damaged[place] = wrong;
        try {
          expect(unpack(damaged, LIMIT).length).toBeLessThanOrEqual(LIMIT);
        } catch (error) {
          if (!(error instanceof UnpackFailure)) throw error;
        }
      }
    }
  });
});

it('refuses a window that would be moved for ever', () => {
  // A frame with a window of 128 MiB and 100,000 blocks of one repeated byte.
  const head = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x88]);
  const block = Buffer.from([0x0a, 0x00, 0x00, 0x61]);
  const last = Buffer.from([0x0b, 0x00, 0x00, 0x61]);
  const bomb = Buffer.concat([head, ...Array<Buffer>(100_000).fill(block), last]);
  expect(() => unpackZstd(bomb, LIMIT)).toThrow(UnpackFailure);
});
