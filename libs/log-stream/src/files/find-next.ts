import { HEAD_BYTES } from './file-content';
import {
  type FoundFile,
  findState,
  hasStretch,
  isSameFile,
  LOOKS,
  nameOf,
  openIfThere,
  placesOf,
  readState,
  rotatedFiles,
} from './file-search';
import type { PartitionHistory, Stretch } from './partition-history';
import { ageByName } from './rotated-name';

/** All of a log at one moment. */
interface LogFiles {
  readonly current: FoundFile | undefined;
  readonly rotated: readonly FoundFile[];
}

/** The files of a log that no stretch is of, the oldest first; the last one is written to. Nothing during a rotation. */
export async function findUnread(
  path: string,
  history: PartitionHistory,
  sinceMs = lastWriteMs(history),
): Promise<{ readonly rotated: readonly FoundFile[]; readonly current?: FoundFile } | undefined> {
  const last = history.stretches.at(-1);
  const files = await listAtOnce(path, last);
  if (!files) return undefined;
  const { current, rotated } = files;
  const unread: FoundFile[] = [];
  for (const file of rotated) {
    if (file.size === 0 || file.modifiedMs < sinceMs) continue;
    if (current && isSameFile(file, current)) continue;
    const isRead = await isKnown(file, history);
    if (isRead === undefined) return undefined;
    if (!isRead) unread.push(file);
  }
  const age = (file: FoundFile) => ageByName(last?.name ?? '', nameOf(file)) ?? 0;
  unread.sort((one, other) => one.modifiedMs - other.modifiedMs || age(other) - age(one));
  return { rotated: unread, ...(current && { current }) };
}

/** The file to read next: a rotated one, or the one that is written to. */
export async function findNext(
  path: string,
  history: PartitionHistory,
): Promise<FoundFile | undefined> {
  const unread = await findUnread(path, history);
  return unread?.rotated[0] ?? unread?.current;
}

/** When the file that was read last had been written to; those that follow it were later. */
function lastWriteMs(history: PartitionHistory): number {
  const last = history.stretches.at(-1);
  return last ? Math.max(last.modifiedMs, history.lastMarkOf(last)?.modifiedMs ?? 0) : 0;
}

async function listAtOnce(path: string, last: Stretch | undefined): Promise<LogFiles | undefined> {
  let before = await list(path, last);
  for (let look = 1; look < LOOKS; look++) {
    const files = await list(path, last);
    if (placesIn(files) === placesIn(before)) return files;
    before = files;
  }
  return undefined;
}

async function list(path: string, last: Stretch | undefined): Promise<LogFiles> {
  const state = await findState(path);
  return {
    current: state && { ...state, path },
    rotated: last ? await rotatedFiles(last) : [],
  };
}

function placesIn({ current, rotated }: LogFiles): string {
  return placesOf([...(current ? [current] : []), ...rotated]);
}

/** Whether a file was read, or is a copy of one that was; nothing when it has moved meanwhile. */
async function isKnown(file: FoundFile, history: PartitionHistory): Promise<boolean | undefined> {
  const handle = await openIfThere(file.path);
  if (!handle) return undefined;
  try {
    const state = await readState(handle);
    if (!isSameFile(state, file)) return undefined;
    for (const stretch of history.stretches) {
      // Short files may be alike and yet others, such as those of a program that begins and fails again and again.
      const isCopy = stretch.end?.byte === state.size && state.size >= HEAD_BYTES;
      // Of which nothing was read before its file was emptied.
      if (stretch.end && stretch.end.line === stretch.firstLine && stretch.head.bytes === 0)
        continue;
      if (!isCopy && !isSameFile(stretch, state)) continue;
      if (await hasStretch(handle, state.size, stretch, history.lastMarkOf(stretch))) return true;
    }
    return false;
  } finally {
    await handle.close();
  }
}
