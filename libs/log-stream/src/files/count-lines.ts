import type { FileHandle } from 'node:fs/promises';
import { readAt } from './file-content';

const NEWLINE = 10;
const SAMPLE_BYTES = 65_536;

/** Whole lines behind a place in a file; from a sample of them where they are many. */
export async function countLines(handle: FileHandle, fromByte: number): Promise<number> {
  const bytes = (await handle.stat()).size - fromByte;
  if (bytes <= 0) return 0;
  const sample = await readAt(handle, fromByte, Math.min(bytes, SAMPLE_BYTES));
  const lines = linesIn(sample);
  if (bytes <= SAMPLE_BYTES) return lines;
  return Math.max(1, Math.round((lines * bytes) / SAMPLE_BYTES));
}

/** Where the line begins that is not ended yet; the end of the file when there is none. */
export async function startOfLastLine(handle: FileHandle): Promise<number> {
  for (let end = (await handle.stat()).size; end > 0;) {
    const start = Math.max(0, end - SAMPLE_BYTES);
    const feed = (await readAt(handle, start, end - start)).lastIndexOf(NEWLINE);
    if (feed >= 0) return start + feed + 1;
    end = start;
  }
  return 0;
}

/** Blank lines are none. */
function linesIn(bytes: Buffer): number {
  let lines = 0;
  let start = 0;
  for (let feed = bytes.indexOf(NEWLINE); feed >= 0; feed = bytes.indexOf(NEWLINE, start)) {
    if (feed > start) lines++;
    start = feed + 1;
  }
  return lines;
}
