import { isAscii } from 'node:buffer';
import { closeSync, openSync, readSync } from 'node:fs';

const NEW_LINE = 10;
const CHUNK_BYTES = 262_144;

/**
 * Hands over every line of an unpacked UTF-8 file, without its line end; only `\n` ends a line.
 *
 * Reads a piece at a time and makes one string a line, so that measuring what is done with lines measures little else.
 *
 * @returns how many lines there were
 */
export function forEachLine(file: string, take: (line: string) => void): number {
  const descriptor = openSync(file, 'r');
  let buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  let kept = 0;
  let lines = 0;
  try {
    for (;;) {
      const read = readSync(descriptor, buffer, kept, buffer.length - kept, null);
      if (read === 0) break;
      const chunk = buffer.subarray(0, kept + read);
      const encoding = isAscii(chunk) ? 'latin1' : 'utf8';
      let start = 0;
      for (let end = chunk.indexOf(NEW_LINE); end >= 0; end = chunk.indexOf(NEW_LINE, start)) {
        take(chunk.toString(encoding, start, end));
        lines++;
        start = end + 1;
      }
      kept = chunk.length - start;
      if (start === 0 && kept === buffer.length) {
        buffer = Buffer.concat([buffer, Buffer.allocUnsafe(buffer.length)]);
      } else buffer.copyWithin(0, start, chunk.length);
    }
  } finally {
    closeSync(descriptor);
  }
  if (kept === 0) return lines;
  take(buffer.toString('utf8', 0, kept));
  return lines + 1;
}
