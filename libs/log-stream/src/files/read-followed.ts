import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { RawRecord, ReadRange } from '../log-stream';
import { openStretch } from './file-search';
import { FOLLOWED_DIRECTORY } from './followed-layout';
import { LineCursor } from './line-cursor';
import type { Mark } from './marks';
import {
  type FollowedLog,
  lastMarkIn,
  readMarksOf,
  readStretches,
  type Stretch,
} from './partition-history';

const PARTITION = /^\d+$/;

/** Lines that were handed on within the range, all of one file. */
interface Passage {
  readonly stretch: Stretch;
  readonly fromLine: number;
  readonly fromByte: number;
  /** Each up to where its time is that of the lines. */
  readonly marks: Mark[];
}

/**
 * What a stream received from followed files, as far as they are still there. Only reads, so that any process may do it
 * while they are followed. Lines that are too long are left out: they are dead letters.
 */
export async function* readFollowed(
  dataDirectory: string,
  range: ReadRange,
  lineLimitBytes: number,
): AsyncGenerator<RawRecord, void, undefined> {
  const followed = join(dataDirectory, FOLLOWED_DIRECTORY);
  let left = range.limit;
  for (const partition of await listPartitions(followed)) {
    const directory = join(followed, partition);
    const kept = await readStretches(directory);
    if (kept?.stream !== range.stream) continue;
    const marks = await readMarksOf(directory);
    for (const passage of passagesOf(kept.stretches, marks, range)) {
      const known = lastMarkIn(passage.stretch, marks);
      for await (const record of readPassage(kept, passage, known, lineLimitBytes)) {
        if (left <= 0 || range.signal?.aborted === true) return;
        left--;
        yield record;
      }
    }
  }
}

/** Runs of marks in the range, cut where another file begins. */
function passagesOf(
  stretches: readonly Stretch[],
  marks: readonly Mark[],
  { fromMs, toMs }: ReadRange,
): readonly Passage[] {
  const passages: Passage[] = [];
  let open: Passage | undefined;
  for (const [place, mark] of marks.entries()) {
    const stretch = stretches.findLast(({ firstLine }) => firstLine < mark.endLine);
    if (!stretch || mark.atMs < fromMs || mark.atMs >= toMs) open = undefined;
    else if (open?.stretch === stretch) open.marks.push(mark);
    else {
      open = { stretch, ...beginOf(stretch, marks[place - 1]), marks: [mark] };
      passages.push(open);
    }
  }
  return passages;
}

function beginOf(
  { firstLine, firstByte }: Stretch,
  before: Mark | undefined,
): Pick<Passage, 'fromLine' | 'fromByte'> {
  return before && before.endLine > firstLine
    ? { fromLine: before.endLine, fromByte: before.endByte }
    : { fromLine: firstLine, fromByte: firstByte };
}

async function* readPassage(
  { path, partition, stream }: FollowedLog,
  { stretch, fromLine, fromByte, marks }: Passage,
  known: Mark | undefined,
  lineLimitBytes: number,
): AsyncGenerator<RawRecord, void, undefined> {
  const opened = await openStretch(path, stretch, known);
  if (!opened) return;
  const { handle } = opened;
  try {
    const cursor = await LineCursor.open(handle, fromByte, lineLimitBytes);
    const endByte = marks.at(-1)?.endByte ?? fromByte;
    let offset = fromLine;
    for (let place = 0; ;) {
      const read = await cursor.read(endByte);
      if (read === 'replaced') return;
      const rest = read === 'end' ? cursor.takeRest() : undefined;
      for (const line of read === 'end' ? (rest ? [rest] : []) : read) {
        while ((marks[place]?.endLine ?? Infinity) <= offset) place++;
        const receivedAtMs = marks[place]?.atMs;
        const isKept = line.value.length <= lineLimitBytes && receivedAtMs !== undefined;
        const at = { source: path, partition, offset: offset++ };
        if (!isKept) continue;
        yield { stream, ...at, key: stream, headers: {}, value: line.value, receivedAtMs };
      }
      if (read === 'end') return;
    }
  } finally {
    await handle.close();
  }
}

async function listPartitions(followed: string): Promise<readonly string[]> {
  const names = await readdir(followed).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names
    .filter((name) => PARTITION.test(name))
    .sort((one, other) => Number(one) - Number(other));
}
