import type { FileHandle } from 'node:fs/promises';
import { ANCHOR_BYTES, readAt } from './file-content';

const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;
const CHUNK_BYTES = 262_144;

export interface FileLine {
  readonly value: Uint8Array;
  /** Bytes of the line, of which `value` has the first where they are more than a line may have. */
  readonly length: number;
  /** Place after its line end. */
  readonly endByte: number;
  /** The last bytes before that place. */
  readonly last: Uint8Array;
}

/** Reads the lines of one open file in order, in bounded memory however long they are. */
export class LineCursor {
  /** Bytes of the line whose end has not been seen, up to the limit. */
  private parts: Uint8Array[] = [];
  private kept = 0;
  /** Place of the next byte to read. */
  private scanned: number;

  private constructor(
    private handle: FileHandle,
    /** Place after the last whole line. */
    private lineStart: number,
    /** What stands before the next byte to read. */
    private last: Uint8Array,
    private readonly lineLimit: number,
  ) {
    this.scanned = lineStart;
  }

  /** @param byte where a line begins */
  static async open(handle: FileHandle, byte: number, lineLimit: number): Promise<LineCursor> {
    const known = Math.min(byte, ANCHOR_BYTES);
    const last = await readAt(handle, byte - known, known);
    return new LineCursor(handle, byte, last, lineLimit);
  }

  get position(): number {
    return this.lineStart;
  }

  get scannedTo(): number {
    return this.scanned;
  }

  /**
   * The lines that end in the next piece of the file, and whether there was such a piece. Blank lines are left out.
   * `replaced` when the file has other content than what was read of it: then nothing of it is taken.
   */
  async read(endByte = Infinity): Promise<readonly FileLine[] | 'end' | 'replaced'> {
    const room = Math.min(CHUNK_BYTES, endByte - this.scanned);
    if (room <= 0) return 'end';
    const chunk = await readAt(this.handle, this.scanned, room);
    if (chunk.length === 0) return 'end';
    // After reading: a file that was emptied in between must not lend its new content to the old place.
    if (!(await this.isSame(this.handle))) return 'replaced';
    return this.cut(chunk);
  }

  /** Whether the file has at this place what was read before it. */
  async isSame(handle: FileHandle): Promise<boolean> {
    const { length } = this.last;
    const own = await readAt(handle, this.scanned - length, length);
    return own.equals(this.last);
  }

  /** Goes on in a file of the same content. */
  switchTo(handle: FileHandle): void {
    this.handle = handle;
  }

  /** What follows the last line end, as the last line of a file that does not grow any more. */
  takeRest(): FileLine | undefined {
    if (this.lineStart === this.scanned) return undefined;
    const line = this.take(this.scanned, this.last);
    return isBlank(line.value) ? undefined : line;
  }

  private cut(chunk: Buffer): readonly FileLine[] {
    const lines: FileLine[] = [];
    const base = this.scanned;
    let start = 0;
    for (let feed = chunk.indexOf(NEWLINE); feed >= 0; feed = chunk.indexOf(NEWLINE, start)) {
      this.keep(chunk.subarray(start, feed));
      start = feed + 1;
      const line = this.take(
        base + start,
        chunk.subarray(Math.max(0, start - ANCHOR_BYTES), start),
      );
      if (!isBlank(line.value)) lines.push(line);
    }
    // Copied, so that an unfinished line does not hold the whole piece in memory.
    this.keep(Buffer.from(chunk.subarray(start)));
    this.scanned = base + chunk.length;
    this.last = Buffer.concat([this.last, chunk.subarray(-ANCHOR_BYTES)]).subarray(-ANCHOR_BYTES);
    return lines;
  }

  private keep(part: Uint8Array): void {
    let start = 0;
    // The hole that a writer leaves who goes on behind the place where a file was emptied.
    if (this.kept === 0) while (part[start] === 0) start++;
    // One byte more than the limit tells that the line is longer.
    const kept = part.subarray(start, start + this.lineLimit + 1 - this.kept);
    if (kept.length === 0) return;
    this.parts.push(kept);
    this.kept += kept.length;
  }

  private take(endByte: number, last: Uint8Array): FileLine {
    const [only, another] = this.parts;
    const line = only && !another ? only : Buffer.concat(this.parts);
    const length = endByte - this.lineStart;
    this.parts = [];
    this.kept = 0;
    this.lineStart = endByte;
    // Without the return of a Windows line end.
    return {
      value: line.subarray(0, line.at(-1) === RETURN ? -1 : undefined),
      length,
      endByte,
      last,
    };
  }
}

function isBlank(line: Uint8Array): boolean {
  return line.every((byte) => byte <= SPACE);
}
