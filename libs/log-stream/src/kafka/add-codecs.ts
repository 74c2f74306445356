import { promisify } from 'node:util';
import { gzip, unzip } from 'node:zlib';
import kafkajs, { CompressionTypes } from 'kafkajs';
import { tooLarge, UnpackFailure } from '../codecs/unpack-failure';
import { unpackLz4 } from '../codecs/unpack-lz4';
import { unpackSnappy } from '../codecs/unpack-snappy';
import { unpackZstd } from '../codecs/unpack-zstd';

/** What one batch of records may unpack to: a broker's own limit is on the packed size. */
const MAX_BATCH_BYTES = 128 * 1_024 * 1_024;

type Unpack = (packed: Buffer, maxBytes: number) => Buffer | Promise<Buffer>;

/**
 * Teaches the client library to read whatever producers pack, with a bound; it knows only gzip itself, without one.
 * Bytes that cannot be unpacked are an UnpackFailure.
 */
export function addCodecs(): void {
  // Node does not find its name among the exports of the package.
  Object.assign(kafkajs.CompressionCodecs, {
    [CompressionTypes.GZIP]: () => ({ compress: packGzip, decompress: reading(unpackGzip) }),
    [CompressionTypes.Snappy]: () => ({ compress: refuse, decompress: reading(unpackSnappy) }),
    [CompressionTypes.LZ4]: () => ({ compress: refuse, decompress: reading(unpackLz4) }),
    [CompressionTypes.ZSTD]: () => ({ compress: refuse, decompress: reading(unpackZstd) }),
  });
}

function reading(unpack: Unpack) {
  return async (packed: Buffer): Promise<Buffer> => unpack(packed, MAX_BATCH_BYTES);
}

async function unpackGzip(packed: Buffer, maxBytes: number): Promise<Buffer> {
  try {
    return await promisify(unzip)(packed, { maxOutputLength: maxBytes });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes);
    throw new UnpackFailure('damaged', `it is no whole gzip: ${message}`, { cause: error });
  }
}

function packGzip({ buffer }: { readonly buffer: Buffer }): Promise<Buffer> {
  return promisify(gzip)(buffer);
}

function refuse(): never {
  throw new TypeError('records are published as they are, or by gzip');
}
