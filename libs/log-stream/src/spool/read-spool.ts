import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RawRecord, ReadRange } from '../log-stream';
import type { Report } from '../stream-notice';
import { decodeFrame, type FrameHead } from './frame';
import { FrameReader } from './frame-reader';
import {
  listPartitions,
  listSegments,
  partitionDirectory,
  type SegmentFile,
} from './segment-files';
import { SPOOL_DIRECTORY, SPOOL_SOURCE } from './spool-layout';

/** A file's time and the time in its frames come from the same clock, apart from rounding and late writes. */
const CLOCK_SLACK_MS = 60_000;

/**
 * What a stream received, from the spool under a data directory. Only reads, so that any process may
 * do it while the server writes; what is not whole yet is left out.
 */
export async function* readSpool(
  dataDirectory: string,
  range: ReadRange,
  report: Report = () => undefined,
): AsyncGenerator<RawRecord, void, undefined> {
  const spool = join(dataDirectory, SPOOL_DIRECTORY);
  let left = range.limit;
  for (const partition of await listPartitions(spool)) {
    for (const segment of await listSegments(partitionDirectory(spool, partition))) {
      for await (const record of readSegment(segment, partition, range, report)) {
        if (left <= 0 || range.signal?.aborted === true) return;
        left--;
        yield record;
      }
      if (range.signal?.aborted === true) return;
    }
  }
}

async function* readSegment(
  { file, baseOffset }: SegmentFile,
  partition: number,
  { stream, fromMs, toMs }: ReadRange,
  report: Report,
): AsyncGenerator<RawRecord, void, undefined> {
  const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
    // Deleted meanwhile: its retention was over.
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (handle === undefined) return;
  try {
    const { size, mtimeMs } = await stat(file).catch(() => handle.stat());
    if (mtimeMs + CLOCK_SLACK_MS < fromMs) return;
    const reader = new FrameReader(handle, baseOffset);
    const isInRange = ({ receivedAtMs }: FrameHead) =>
      receivedAtMs >= fromMs && receivedAtMs < toMs;
    for (;;) {
      const found = await reader.next(size, isInRange);
      if (found === undefined) return;
      if (found.kind === 'damage') {
        report({ kind: 'corrupt-segment', file, position: found.position, bytes: found.bytes });
        continue;
      }
      if (!isInRange(found.head)) continue;
      const frame = decodeFrame(found.head, found.bytes);
      if (frame.stream !== stream) continue;
      for (const [place, value] of frame.values.entries()) {
        yield {
          stream,
          source: SPOOL_SOURCE,
          partition,
          offset: frame.baseOffset + place,
          key: stream,
          headers: frame.headers,
          value,
          receivedAtMs: frame.receivedAtMs,
        };
      }
    }
  } finally {
    await handle.close();
  }
}
