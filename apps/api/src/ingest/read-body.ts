import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import {
  BodyTooLargeFailure,
  InvalidRequestFailure,
  UnsupportedContentFailure,
} from '../problems/request-failure';

/**
 * The whole body of a request, decompressed.
 *
 * @param limitBytes bound of the decompressed size, so that a small bomb cannot fill the memory
 * @throws BodyTooLargeFailure, UnsupportedContentFailure for an unknown encoding, InvalidRequestFailure
 *   for a body that does not decompress
 */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Uint8Array> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > limitBytes) throw new BodyTooLargeFailure(limitBytes);
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of decoded(request) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > limitBytes) throw new BodyTooLargeFailure(limitBytes);
      chunks.push(chunk);
    }
  } catch (error) {
    if (!isCompressionError(error)) throw error;
    throw new InvalidRequestFailure([
      { field: 'body', reason: `does not decompress: ${error.message}` },
    ]);
  }
  return Buffer.concat(chunks, bytes);
}

/** The request's bytes as they were before `content-encoding`. */
export function decoded(request: IncomingMessage): Readable {
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  const decoder = decoderOf(encoding);
  if (decoder === undefined) return request;
  request.on('error', (error) => decoder.destroy(error));
  return request.pipe(decoder);
}

function decoderOf(encoding: string) {
  switch (encoding) {
    case 'identity':
    case '':
      return undefined;
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'deflate':
      return createInflate();
    case 'br':
      return createBrotliDecompress();
    default:
      throw new UnsupportedContentFailure(
        `The content encoding "${encoding}" is not known; send gzip, deflate, br or none.`,
      );
  }
}

function isCompressionError(error: unknown): error is NodeJS.ErrnoException {
  return (
    error instanceof Error &&
    'code' in error &&
    /^(Z_|ERR_BROTLI|ERR__ERROR_FORMAT)/.test(String(error.code))
  );
}
