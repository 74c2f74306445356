import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { SourceRecord } from '@logbert/pipeline';

const NEWLINE = 10;
const RETURN = 13;

/**
 * The lines of a file, plain or gzip (told by its first bytes); empty ones are left out and those
 * over the limit are cut, so that a file without line ends cannot fill the memory.
 */
export async function* readLines(
  path: string,
  limitBytes: number,
  receivedAtMs: number,
): AsyncGenerator<SourceRecord> {
  const raw = createReadStream(path, { highWaterMark: 1 << 20 });
  const bytes: Readable = (await isGzip(path)) ? raw.pipe(createGunzip()) : raw;
  raw.on('error', (error) => bytes.destroy(error));

  let parts: Uint8Array[] = [];
  let kept = 0;
  const keep = (part: Uint8Array) => {
    const room = Math.min(part.length, limitBytes - kept);
    if (room > 0) parts.push(part.subarray(0, room));
    kept += room;
  };
  const take = (): Uint8Array => {
    const line = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
    parts = [];
    kept = 0;
    return line.at(-1) === RETURN ? line.subarray(0, -1) : line;
  };
  try {
    for await (const chunk of bytes as AsyncIterable<Buffer>) {
      let start = 0;
      for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
        keep(chunk.subarray(start, end));
        start = end + 1;
        const value = take();
        if (value.length > 0) yield { value, receivedAtMs };
      }
      keep(chunk.subarray(start));
    }
    const value = take();
    if (value.length > 0) yield { value, receivedAtMs };
  } finally {
    raw.destroy();
    bytes.destroy();
  }
}

async function isGzip(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
}
