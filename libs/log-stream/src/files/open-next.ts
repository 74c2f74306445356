import { type FileHandle, realpath } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { NotAFileFailure } from '../log-stream-failures';
import { startOfLastLine } from './count-lines';
import { NO_HEAD, readHead } from './file-content';
import { type FoundFile, hasStretch, isSameFile, openIfThere, readState } from './file-search';
import { findNext } from './find-next';
import type { PartitionHistory, Stretch } from './partition-history';

interface Beginning {
  readonly firstLine: number;
  /** Where the very first file begins. */
  readonly from: 'beginning' | 'end';
}

interface OpenedNext {
  readonly stretch: Stretch;
  readonly handle: FileHandle;
}

/** Opens the file that is read next; nothing when there is none, or when it was renamed meanwhile: the next look finds it. */
export async function openNext(
  path: string,
  history: PartitionHistory,
  beginning: Beginning,
): Promise<OpenedNext | undefined> {
  const next = await findNext(path, history);
  const handle = next && (await openIfThere(next.path));
  if (!handle) return undefined;
  try {
    const stretch = await describe(next, handle, { path, history, beginning });
    if (stretch) return { stretch, handle };
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  return undefined;
}

async function describe(
  file: FoundFile,
  handle: FileHandle,
  of: { readonly path: string; readonly history: PartitionHistory; readonly beginning: Beginning },
): Promise<Stretch | undefined> {
  const { path, history, beginning } = of;
  const state = await readState(handle);
  const real = await realpath(file.path).catch(() => undefined);
  if (!isSameFile(state, file) || real === undefined) return undefined;
  if (!state.isFile) throw new NotAFileFailure(path);
  const last = history.stretches.at(-1);
  const firstByte =
    !last && beginning.from === 'end'
      ? await startOfLastLine(handle)
      : await firstUnreadByte(handle, history);
  return {
    device: state.device,
    inode: state.inode,
    directory: dirname(real),
    name: file.path === path || !last ? basename(real) : last.name,
    firstLine: beginning.firstLine,
    firstByte,
    modifiedMs: state.modifiedMs,
    begunAtMs: Date.now(),
    head: firstByte > 0 ? await readHead(handle, firstByte) : NO_HEAD,
  };
}

/** Where to go on in a file that was read before, or its beginning. */
async function firstUnreadByte(handle: FileHandle, history: PartitionHistory): Promise<number> {
  const state = await readState(handle);
  for (const stretch of history.stretches.toReversed()) {
    if (!isSameFile(stretch, state) || stretch.end === undefined) continue;
    if (stretch.head.bytes === 0 && stretch.end.byte > 0) continue;
    if (await hasStretch(handle, state.size, stretch, history.lastMarkOf(stretch)))
      return stretch.end.byte;
  }
  return 0;
}
