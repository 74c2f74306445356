import { once } from 'node:events';
import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { constants, createGunzip, createGzip } from 'node:zlib';

/** Text that is written at once; between two such pieces other work of the thread goes on. */
const PIECE_CHARACTERS = 256 * 1_024;

/**
 * Any number of JSON values, compressed one after the other.
 *
 * @returns null when the compressed bytes would be more than `maxBytes`
 */
export async function packLines(
  values: Iterable<unknown>,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const gzip = createGzip({ level: constants.Z_BEST_SPEED });
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  gzip.on('data', (chunk: Uint8Array) => {
    chunks.push(chunk);
    bytes += chunk.length;
  });
  try {
    for (const piece of piecesOf(values)) {
      if (!gzip.write(piece)) await once(gzip, 'drain');
      await yieldToOthers();
      if (bytes > maxBytes) return null;
    }
    gzip.end();
    await once(gzip, 'end');
  } finally {
    gzip.destroy();
  }
  if (bytes > maxBytes) return null;
  const packed = new Uint8Array(bytes);
  let at = 0;
  for (const chunk of chunks) {
    packed.set(chunk, at);
    at += chunk.length;
  }
  return packed;
}

/** @throws an error of zlib or of JSON when the bytes are not what `packLines` gave */
export async function* unpackLines(packed: Uint8Array): AsyncGenerator<unknown, void, undefined> {
  const gunzip = createGunzip();
  gunzip.end(packed);
  gunzip.setEncoding('utf8');
  let rest = '';
  for await (const text of gunzip as AsyncIterable<string>) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield JSON.parse(line);
  }
}

function* piecesOf(values: Iterable<unknown>): Generator<string, void, undefined> {
  let piece = '';
  for (const value of values) {
    piece += `${JSON.stringify(value)}\n`;
    if (piece.length < PIECE_CHARACTERS) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}
