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
): AsyncGenerator<RawRecord, void, undefined> {
  const directory = join(dataDirectory, SPOOL_DIRECTORY, DEAD_LETTER_DIRECTORY);
  for (const segment of await listSegments(directory)) {
    const handle = await open(segment.file, 'r');
    try {
      const { size } = await stat(segment.file);
      const reader = new FrameReader(handle, segment.baseOffset);
      for (;;) {
        const found = await reader.next(size);
        if (found === undefined) break;
        if (found.kind === 'damage') continue;
        const { stream, headers, values, baseOffset, receivedAtMs } = decodeFrame(
          found.head,
          found.bytes,
        );
        for (const [place, value] of values.entries()) {
          const offset = baseOffset + place;
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
