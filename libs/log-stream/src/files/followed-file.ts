import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Report } from '../stream-notice';
import { countLines } from './count-lines';
import { countNew, estimateEnd } from './estimate-end';
import { HEAD_BYTES, hasHead, readHead } from './file-content';
import {
  beginsAs,
  type FileState,
  findState,
  isSameFile,
  openCopy,
  type OpenedFile,
  openStretch,
  readState,
} from './file-search';
import { findNext, findUnread } from './find-next';
import { LeftFiles } from './left-files';
import { type FileLine, LineCursor } from './line-cursor';
import { openNext } from './open-next';
import type { PartitionHistory, Stretch } from './partition-history';

/** A writer that was told of the rotation writes to the old file no longer than this, as a rule. */
const QUIET_MS = 1_000;
/** The clock of a file system may be so much behind. */
const CLOCK_TICK_MS = 10;

export interface FollowedFileOptions {
  readonly path: string;
  readonly lineLimit: number;
  /** Where the first file begins: with its first line, or with what is written to it from now on. */
  readonly from: 'beginning' | 'end';
  readonly report: Report;
}

/** The file that is read at present. */
interface Current {
  stretch: Stretch;
  handle: FileHandle;
  readonly cursor: LineCursor;
  /** Whether it is a copy that nobody writes to. */
  isCopy: boolean;
  /** As it was seen last. */
  size: number;
  modifiedMs: number;
}

/** The lines of a log in their order and with their numbers, through all the files that it is rotated into. */
export class FollowedFile {
  private current: Current | undefined;
  private ready: FileLine[] = [];
  private readonly left = new LeftFiles();
  private nextLine = 0;

  constructor(
    private readonly history: PartitionHistory,
    private readonly options: FollowedFileOptions,
  ) {}

  /** Number of the next line. */
  get line(): number {
    return this.nextLine;
  }

  /** Whether there was nothing under the path at the last look, nor a rotated file to read. */
  get isMissing(): boolean {
    return this.current === undefined;
  }

  /** Goes on at a line that was given before, or after the last one. */
  async seek(line: number): Promise<void> {
    await this.leave();
    this.nextLine = line;
    await this.history.marks.recall(line);
    await this.holdPrevious();
  }

  /** Settles where the first file begins: what is written to it from now on is read. */
  async settle(): Promise<void> {
    if (this.history.stretches.length === 0) this.current ??= await this.begin();
  }

  /** The next lines, all of one file; none when there is nothing new. */
  async next(maxLines: number): Promise<readonly FileLine[]> {
    while (this.ready.length === 0) {
      if (this.current === undefined) {
        this.current = await this.enter();
        if (this.current === undefined) return [];
        // Looking for the line may have read more of them, up to the end of the file.
        continue;
      }
      const { cursor, stretch } = this.current;
      const read = await cursor.read(stretch.end?.byte);
      if (read === 'replaced') await this.onReplaced(this.current);
      else if (read !== 'end') {
        const fate = await this.fateOf(this.current);
        if (fate === 'whole') this.ready.push(...read);
        else if (fate === 'moving') return [];
      } else if (!(await this.turn(this.current))) return [];
    }
    const lines = this.ready.splice(0, maxLines);
    this.nextLine += lines.length;
    return lines;
  }

  /** Has the present file known by its head, and tells when it had been written to. */
  async identify({ endByte }: FileLine): Promise<number> {
    const { current } = this;
    if (!current) throw new TypeError('the line is not of the present file');
    const { head } = current.stretch;
    if (head.bytes < Math.min(endByte, HEAD_BYTES)) {
      const known = await readHead(current.handle, endByte);
      // An emptied file is told by the next reading.
      if (known.bytes > head.bytes && (await hasHead(current.handle, head))) {
        current.stretch = await this.history.amend(current.stretch, { head: known });
      }
    }
    return current.modifiedMs;
  }

  /** Whether there is more to read in the present file. */
  async hasMore(): Promise<boolean> {
    if (this.ready.length > 0) return true;
    if (!this.current) return false;
    return (await readState(this.current.handle)).size > this.current.cursor.scannedTo;
  }

  /** Number of the line after the newest one, an estimate where much is unread. */
  async end(): Promise<number> {
    const last = this.history.stretches.at(-1);
    if (this.current && this.current.stretch === last) {
      const { handle, cursor } = this.current;
      const unread = this.ready.length + (await countLines(handle, cursor.scannedTo));
      return this.nextLine + unread + (await countNew(this.options.path, last));
    }
    return estimateEnd(this.options.path, last, this.history.marks.last);
  }

  /** Lets go of rotated files that are committed and not written to any more. */
  tidy(committed: number): Promise<void> {
    this.history.marks.forgetBefore(committed);
    return this.left.tidy(committed);
  }

  async close(): Promise<void> {
    await this.leave();
    await this.left.close();
  }

  private async leave(): Promise<void> {
    const { current } = this;
    this.current = undefined;
    this.ready = [];
    if (current) await this.left.add(current.stretch, current.handle);
  }

  /** Has the file that was rotated last watched for late lines, also after a restart. */
  private async holdPrevious(): Promise<void> {
    const previous = this.history.stretches.at(-2);
    if (!previous?.end || this.left.has(previous)) return;
    const mark = this.history.lastMarkOf(previous);
    const opened = await openStretch(this.options.path, previous, mark).catch(() => undefined);
    if (opened && isSameFile(opened.file, previous)) await this.left.add(previous, opened.handle);
    else await opened?.handle.close();
  }

  /** Opens the file of the next line; nothing when it is not there yet. */
  private async enter(): Promise<Current | undefined> {
    for (;;) {
      const stretch = this.history.stretchOf(this.nextLine);
      if (!stretch) return this.begin();
      const opened = await this.reopen(stretch);
      if (opened) return opened;
      // A folder that is away for a while has neither the file nor another one.
      if (!(await findNext(this.options.path, this.history))) return undefined;
      await this.giveUp(stretch);
    }
  }

  /** Goes on in a file that was read before, if it is still there. */
  private async reopen(stretch: Stretch): Promise<Current | undefined> {
    const opened = await this.open(stretch);
    if (!opened) return undefined;
    const { handle, file, isCopy } = opened;
    const place = this.placeOf(stretch, this.nextLine);
    const current = await this.read(stretch, handle, place.byte);
    const skipped = Math.min(this.nextLine, this.history.marks.endLine) - place.line;
    if (!(await this.skip(current, skipped))) {
      await handle.close();
      return undefined;
    }
    if (!isSameFile(stretch, file)) {
      const { device, inode } = file;
      current.stretch = await this.history.amend(stretch, { device, inode });
    }
    current.isCopy = isCopy;
    // Where older files are not known any more.
    this.nextLine = Math.max(this.nextLine, stretch.firstLine);
    return current;
  }

  private async open(stretch: Stretch): Promise<OpenedFile | undefined> {
    const handle = this.left.take(stretch);
    if (handle) return { handle, file: stretch, isCopy: false };
    return openStretch(this.options.path, stretch, this.history.lastMarkOf(stretch));
  }

  private async read(stretch: Stretch, handle: FileHandle, byte: number): Promise<Current> {
    const cursor = await LineCursor.open(handle, byte, this.options.lineLimit);
    const { size, modifiedMs } = await readState(handle);
    return { stretch, handle, cursor, isCopy: false, size, modifiedMs };
  }

  /** Where a line or one before it begins. */
  private placeOf(
    stretch: Stretch,
    line: number,
  ): { readonly line: number; readonly byte: number } {
    const mark = this.history.marks.before(line);
    return mark && mark.endLine > stretch.firstLine
      ? { line: mark.endLine, byte: mark.endByte }
      : { line: stretch.firstLine, byte: stretch.firstByte };
  }

  private async skip({ cursor, stretch }: Current, lines: number): Promise<boolean> {
    this.ready = [];
    for (let left = lines; left > 0;) {
      const read = await cursor.read(stretch.end?.byte);
      const rest = read === 'end' ? cursor.takeRest() : undefined;
      const found = rest ? [rest] : read;
      if (typeof found === 'string') return false;
      this.ready = found.slice(left);
      left -= found.length;
    }
    return true;
  }

  /** Begins the first file, or the next one after a rotation. */
  private async begin(): Promise<Current | undefined> {
    const { path, from } = this.options;
    this.nextLine = Math.max(this.nextLine, this.history.marks.endLine);
    const next = await openNext(path, this.history, { firstLine: this.nextLine, from });
    if (!next) return undefined;
    await this.history.begin(next.stretch);
    return this.read(next.stretch, next.handle, next.stretch.firstByte);
  }

  /** At the end of what a file has: whether there is more to read now, in it or in another one. */
  private async turn(current: Current): Promise<boolean> {
    const { stretch, cursor } = current;
    if (stretch.end) {
      const rest = cursor.takeRest();
      if (rest) this.ready.push(rest);
      else await this.leaveAt(stretch.end.line);
      return true;
    }
    const state = await readState(current.handle);
    const isWritten = state.modifiedMs !== current.modifiedMs;
    if (state.size < cursor.scannedTo || (isWritten && !(await cursor.isSame(current.handle)))) {
      await this.onReplaced(current);
      return true;
    }
    current.size = state.size;
    current.modifiedMs = state.modifiedMs;
    if (state.size > cursor.scannedTo) return true;
    if (current.isCopy || (await this.isRotated(stretch, state))) {
      await this.finish(current);
      return true;
    }
    return this.turnToLate(current);
  }

  /**
   * Whether a file of whose content nothing is known yet has kept all that was written to it since its stretch was begun; if it
   * was emptied, the copies that were made before come first. Only to be asked once something of it was read.
   */
  private async fateOf({ stretch, handle }: Current): Promise<'whole' | 'emptied' | 'moving'> {
    if (stretch.head.bytes > 0 || stretch.end) return 'whole';
    // What was rotated before the log was followed at all is not read.
    const isFirst = this.history.stretches[0] === stretch;
    const { modifiedMs, begunAtMs = modifiedMs } = stretch;
    const sinceMs = isFirst ? Math.max(modifiedMs, begunAtMs - CLOCK_TICK_MS) : modifiedMs;
    const unread = await findUnread(this.options.path, this.history, sinceMs);
    if (unread) {
      const isOwn = unread.current !== undefined && isSameFile(unread.current, stretch);
      const [copy] = unread.rotated;
      // A mere copy, or one whose file is yet to be emptied, is told by what is read of it.
      if (!isOwn || !copy || (await beginsAs(handle, copy))) return 'whole';
    }
    this.current = undefined;
    await handle.close();
    if (!unread) return 'moving';
    const end = { line: this.nextLine, byte: stretch.firstByte };
    await this.history.amend(stretch, { end, modifiedMs: sinceMs });
    return 'emptied';
  }

  private async leaveAt(line: number): Promise<void> {
    this.nextLine = line;
    await this.leave();
  }

  /** Ends a file; what follows its last line end is a line too. */
  private async finish(current: Current): Promise<void> {
    const rest = current.cursor.takeRest();
    if (rest) this.ready.push(rest);
    const end = { line: this.nextLine + this.ready.length, byte: current.cursor.position };
    current.stretch = await this.history.amend(current.stretch, { end });
  }

  /** Whether the file has another name now and its writer has left it. */
  private async isRotated(stretch: Stretch, state: FileState): Promise<boolean> {
    const { path } = this.options;
    const present = await findState(path);
    if (present && isSameFile(present, stretch)) return false;
    const isQuiet = Date.now() - state.modifiedMs >= QUIET_MS;
    if (present && present.size > 0 && isQuiet) return true;
    const unread = await findUnread(path, this.history, state.modifiedMs);
    return unread !== undefined && unread.rotated.length > 0;
  }

  /** Goes back for lines that were written to a file after it was taken for rotated. */
  private async turnToLate(current: Current): Promise<boolean> {
    const grown = await this.left.findGrown(this.history.stretches);
    if (!grown) return false;
    const end = { line: this.nextLine, byte: current.cursor.position };
    current.stretch = await this.history.amend(current.stretch, { end });
    await this.leave();
    const place = { firstLine: this.nextLine, firstByte: grown.byte, end: undefined };
    await this.history.begin({ ...grown.stretch, ...place });
    return true;
  }

  /** The file has lost what was read of it: goes on in the copy that was made before, if there is one. */
  private async onReplaced(current: Current): Promise<void> {
    const { stretch, cursor, handle } = current;
    const isCopy = async (opened: FileHandle) =>
      (await readState(opened)).size >= cursor.scannedTo && cursor.isSame(opened);
    const copy = current.isCopy ? undefined : await openCopy(stretch, isCopy);
    if (copy) {
      const { device, inode } = await readState(copy);
      cursor.switchTo(copy);
      await handle.close();
      current.handle = copy;
      current.isCopy = true;
      current.stretch = await this.history.amend(stretch, { device, inode });
      return;
    }
    this.current = undefined;
    await handle.close();
    const bytes = Math.max(current.size, cursor.scannedTo) - cursor.position;
    if (stretch.end) return this.giveUp(stretch);
    if (bytes > 0) this.tellLoss(stretch, { bytes });
    await this.history.amend(stretch, {
      end: { line: this.nextLine, byte: cursor.position },
    });
  }

  /** Goes on behind a file that is gone. */
  private async giveUp(stretch: Stretch): Promise<void> {
    const mark = this.history.lastMarkOf(stretch);
    const end = stretch.end ?? {
      line: Math.max(this.nextLine, stretch.firstLine, mark?.endLine ?? 0),
      byte: mark?.endByte ?? stretch.firstByte,
    };
    const bytes = Math.max(0, end.byte - this.placeOf(stretch, this.nextLine).byte);
    this.tellLoss(stretch, { bytes, lines: end.line - this.nextLine });
    if (!stretch.end) await this.history.amend(stretch, { end });
    this.nextLine = end.line;
  }

  private tellLoss(
    { directory, name, end }: Stretch,
    { bytes, lines }: { readonly bytes: number; readonly lines?: number },
  ): void {
    if (bytes === 0 && lines === 0 && end) return;
    const { path, report } = this.options;
    report({ kind: 'lines-gone', path, file: join(directory, name), bytes, lines });
  }
}
