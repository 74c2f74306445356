import type { IncomingMessage } from 'node:http';
import { pipeline, type Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { UnpackFailure, unpackZstd } from '@logbert/log-stream';
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
 *   for a body that does not decompress, or of which the sender hung up
 */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Uint8Array> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > limitBytes) throw new BodyTooLargeFailure(limitBytes);
  const isZstd = encodingOf(request) === 'zstd';
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of (isZstd ? request : decoded(request)) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > limitBytes) throw new BodyTooLargeFailure(limitBytes);
      chunks.push(chunk);
    }
  } catch (error) {
    if (isHangUp(error)) {
      throw new InvalidRequestFailure([{ field: 'body', reason: 'was not sent to its end' }]);
    }
    if (!isCompressionError(error)) throw error;
    throw new InvalidRequestFailure([
      { field: 'body', reason: `does not decompress: ${error.message}` },
    ]);
  }
  const body = Buffer.concat(chunks, bytes);
  return isZstd && body.length > 0 ? unpackBody(body, limitBytes) : body;
}

function unpackBody(body: Buffer, limitBytes: number): Uint8Array {
  try {
    return unpackZstd(body, limitBytes);
  } catch (error) {
    if (error instanceof UnpackFailure && error.code === 'log-stream/unpack-too-large') {
      throw new BodyTooLargeFailure(limitBytes);
    }
    throw error;
  }
}

/** The request's bytes as they were before `content-encoding`, as they come; Zstandard needs the whole body. */
export function decoded(request: IncomingMessage): Readable {
  const decoder = decoderOf(encodingOf(request));
  if (decoder === undefined) return request;
  // Also of a request that is over already, whose end nobody would tell otherwise.
  return pipeline(request, decoder, () => undefined);
}

function encodingOf(request: IncomingMessage): string {
  return (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
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
        `The content encoding "${encoding}" is not known; send gzip, zstd, deflate, br or none.`,
      );
  }
}

function isHangUp(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return error.code === 'ECONNRESET' || error.code === 'ERR_STREAM_PREMATURE_CLOSE';
}

function isCompressionError(error: unknown): error is NodeJS.ErrnoException {
  return (
    error instanceof Error &&
    'code' in error &&
    /^(Z_|ERR_BROTLI|ERR__ERROR_FORMAT)/.test(String(error.code))
  );
}
