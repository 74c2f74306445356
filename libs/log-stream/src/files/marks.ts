import { type FileHandle, open, readFile, rename } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { Anchor } from './file-content';

/** Up to where lines were handed on at one time, written before they were. */
export interface Mark {
  /** Number of the line after the last one. */
  readonly endLine: number;
  /** Its place in the file of the last one. */
  readonly endByte: number;
  readonly atMs: number;
  /** When the file had been written to. */
  readonly modifiedMs: number;
  readonly anchor: Anchor;
}

const MARK_BYTES = 48;
const CHECKED_BYTES = 40;
/** Time of the first mark that is kept when older ones go: it only says where the next one begins. */
const OF_BEFORE = -Infinity;
const MAX_FILE_BYTES = 32 * 1_024 * 1_024;

/**
 * The marks of one partition, in a file that only grows until its older half is dropped. They give a line the same time
 * whenever it is delivered, and say where in which file it is.
 */
export class Marks {
  private constructor(
    private readonly file: string,
    private handle: FileHandle,
    private bytes: number,
    private recent: Mark[],
    private readonly maxBytes: number,
  ) {}

  /** @param fromLine the first line that will be asked for */
  static async open(file: string, fromLine: number, maxBytes = MAX_FILE_BYTES): Promise<Marks> {
    const all = await readMarks(file);
    const handle = await open(file, 'a');
    // What a crash left of the last one.
    await handle.truncate(all.length * MARK_BYTES);
    return new Marks(file, handle, all.length * MARK_BYTES, since(all, fromLine), maxBytes);
  }

  get last(): Mark | undefined {
    return this.recent.at(-1);
  }

  /** Number of the line after the last one that was ever handed on. */
  get endLine(): number {
    return this.last?.endLine ?? 0;
  }

  /** When a line was first handed on. */
  timeOf(line: number): number | undefined {
    const atMs = this.recent[firstAfter(this.recent, line)]?.atMs;
    return atMs === OF_BEFORE ? undefined : atMs;
  }

  /** The newest mark that has the line, or nothing but lines before it, behind itself. */
  before(line: number): Mark | undefined {
    return this.recent[firstAfter(this.recent, line) - 1];
  }

  /** Durable when it resolves. */
  async append(mark: Mark): Promise<void> {
    const bytes = encode(mark);
    await this.handle.write(bytes);
    await this.handle.datasync();
    this.bytes += bytes.length;
    this.recent.push(mark);
    if (this.bytes > this.maxBytes) await this.dropOlderHalf();
  }

  /** Lets go of what is not needed to deliver from the line on. */
  forgetBefore(line: number): void {
    const first = firstAfter(this.recent, line) - 1;
    if (first > 0) this.recent.splice(0, first);
  }

  /** Makes all marks known again that are needed to deliver from an earlier line. */
  async recall(line: number): Promise<void> {
    if (this.before(line) === undefined) this.recent = since(await readMarks(this.file), line);
  }

  close(): Promise<void> {
    return this.handle.close();
  }

  private async dropOlderHalf(): Promise<void> {
    const all = await readMarks(this.file);
    const half = all.slice(all.length / 2);
    const first = half.slice(0, 1).map((mark) => ({ ...mark, atMs: OF_BEFORE }));
    const kept = Buffer.concat([...first, ...half.slice(1)].map(encode));
    const temporary = await open(`${this.file}.new`, 'w');
    await temporary.writeFile(kept);
    await temporary.sync();
    await temporary.close();
    await rename(`${this.file}.new`, this.file);
    await this.handle.close();
    this.handle = await open(this.file, 'a');
    this.bytes = kept.length;
  }
}

/** All marks of a file, as far as they are whole; none when there is no file. */
export async function readMarks(file: string): Promise<readonly Mark[]> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  });
  const marks: Mark[] = [];
  for (let place = 0; place + MARK_BYTES <= bytes.length; place += MARK_BYTES) {
    const mark = decode(bytes.subarray(place, place + MARK_BYTES));
    if (mark === undefined) break;
    marks.push(mark);
  }
  return marks;
}

/** Place of the first mark whose lines go beyond the line. */
export function firstAfter(marks: readonly Mark[], line: number): number {
  let [low, high] = [0, marks.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((marks[middle]?.endLine ?? Infinity) > line) high = middle;
    else low = middle + 1;
  }
  return low;
}

function since(marks: readonly Mark[], line: number): Mark[] {
  return marks.slice(Math.max(0, firstAfter(marks, line) - 1));
}

function encode({ endLine, endByte, atMs, modifiedMs, anchor }: Mark): Buffer {
  const bytes = Buffer.alloc(MARK_BYTES);
  bytes.writeDoubleLE(endLine, 0);
  bytes.writeDoubleLE(endByte, 8);
  bytes.writeDoubleLE(atMs, 16);
  bytes.writeDoubleLE(modifiedMs, 24);
  bytes.writeUInt32LE(anchor.bytes, 32);
  bytes.writeUInt32LE(anchor.checksum, 36);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, CHECKED_BYTES)), CHECKED_BYTES);
  return bytes;
}

function decode(bytes: Buffer): Mark | undefined {
  const checksum = bytes.readUInt32LE(CHECKED_BYTES);
  if (crc32(bytes.subarray(0, CHECKED_BYTES)) !== checksum) return undefined;
  return {
    endLine: bytes.readDoubleLE(0),
    endByte: bytes.readDoubleLE(8),
    atMs: bytes.readDoubleLE(16),
    modifiedMs: bytes.readDoubleLE(24),
    anchor: { bytes: bytes.readUInt32LE(32), checksum: bytes.readUInt32LE(36) },
  };
}
