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
  for (const { file } of await listSegments(directory)) {
    const handle = await open(file, 'r');
    try {
      const { size } = await stat(file);
      const reader = new FrameReader(handle);
      for (let position = 0; ;) {
        const found = await reader.at(position, size);
        if (found === undefined) break;
        position = found.nextPosition;
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
