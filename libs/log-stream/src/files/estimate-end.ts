import { countLines } from './count-lines';
import { findState, isSameFile, openToRead } from './file-search';
import type { Mark } from './marks';
import type { Stretch } from './partition-history';

/** Number of the line after the newest one, for who does not read the file himself. */
export async function estimateEnd(
  path: string,
  last: Stretch | undefined,
  mark: Mark | undefined,
): Promise<number> {
  if (!last) return countFrom(path, 0);
  const isInLast = mark !== undefined && mark.endLine > last.firstLine;
  const line = isInLast ? mark.endLine : last.firstLine;
  const state = await findState(path);
  if (!state || !isSameFile(state, last)) return line + (await countFrom(path, 0));
  return line + (await countFrom(path, isInLast ? mark.endByte : last.firstByte));
}

/** Lines of the file that is written to, where it is not the one that is read. */
export async function countNew(path: string, read: Stretch): Promise<number> {
  const state = await findState(path);
  return !state || isSameFile(state, read) ? 0 : countFrom(path, 0);
}

async function countFrom(path: string, byte: number): Promise<number> {
  if (!(await findState(path))?.isFile) return 0;
  const handle = await openToRead(path);
  try {
    return await countLines(handle, byte);
  } finally {
    await handle.close();
  }
}
