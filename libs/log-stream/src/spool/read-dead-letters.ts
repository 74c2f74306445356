import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RawRecord } from '../log-stream';
import { decodeFrame } from './frame';
import { FrameReader } from './frame-reader';
import { listSegments } from './segment-files';
import { DEAD_LETTER_DIRECTORY, SPOOL_DIRECTORY } from './spool-layout';

/** The parked records of a spool, oldest first; their headers say where they came from and why. */
export async function* readDeadLetters(
  dataDirectory: string,
  { start, end }: { readonly start: number; readonly end: number } = { start: 0, end: Infinity },
): AsyncGenerator<RawRecord, void, undefined> {
  const directory = join(dataDirectory, SPOOL_DIRECTORY, DEAD_LETTER_DIRECTORY);
  const segments = await listSegments(directory);
  for (const [index, segment] of segments.entries()) {
    const next = segments[index + 1]?.baseOffset ?? Infinity;
    if (next <= start || segment.baseOffset >= end) continue;
    const handle = await open(segment.file, 'r');
    try {
      const { size } = await stat(segment.file);
      const reader = new FrameReader(handle, segment.baseOffset);
      for (;;) {
        const found = await reader.next(
          size,
          (head) => head.baseOffset + head.count > start && head.baseOffset < end,
        );
        if (found === undefined) break;
        if (found.kind === 'damage') continue;
        const { head } = found;
        if (head.baseOffset + head.count <= start || head.baseOffset >= end) continue;
        const { stream, headers, values, baseOffset, receivedAtMs } = decodeFrame(
          found.head,
          found.bytes,
        );
        for (const [place, value] of values.entries()) {
          const offset = baseOffset + place;
          if (offset < start || offset >= end) continue;
          yield {
            stream,
            source: 'dead-letters',
            partition: 0,
            offset,
            key: stream,
            headers,
            value,
            receivedAtMs,
          };
        }
      }
    } finally {
      await handle.close();
    }
  }
}
