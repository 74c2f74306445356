import { open, stat, unlink, type FileHandle } from 'node:fs/promises';
import {
  LogStreamClosedFailure,
  type SpoolFullFailure,
  spoolFailureOf,
  type SpoolWriteFailure,
} from '../log-stream-failures';
import type { Report } from '../stream-notice';
import { encodeHead } from './frame';
import { FrameReader } from './frame-reader';
import { listSegments, makeDirectory, segmentFile, syncDirectory } from './segment-files';

/** What one write and one fsync carry at most. */
const GROUP_BYTES = 16 * 1_024 * 1_024;

export interface Segment {
  readonly baseOffset: number;
  readonly file: string;
  /** Bytes that are durable; what is after them is not there yet. */
  readonly bytes: number;
  readonly lastWriteMs: number;
}

interface Waiting {
  readonly body: Buffer;
  readonly count: number;
  readonly receivedAtMs: number;
  readonly resolve: (baseOffset: number) => void;
  readonly reject: (error: unknown) => void;
}

type MutableSegment = { -readonly [Key in keyof Segment]: Segment[Key] };

/**
 * Append-only files of one partition. Appends that arrive while the disk is busy share the next
 * write and fsync; none resolves before its bytes are durable.
 */
export class SegmentLog {
  private readonly waiting: Waiting[] = [];
  private writing: Promise<void> | undefined;
  private wakeReaders: (() => void)[] = [];
  private isClosed = false;
  /** Bytes of bodies that are not on the disk yet. */
  waitingBytes = 0;

  private constructor(
    private readonly directory: string,
    private readonly segmentBytes: number,
    private readonly kept: MutableSegment[],
    private current: FileHandle,
    private nextOffset: number,
  ) {}

  /**
   * Opens the log, cutting off what a crash left of an append that was not acknowledged. A file that
   * is damaged otherwise is kept as it is, and the log goes on in a new one.
   *
   * @param committed offset below which all was consumed; no new record gets a smaller one
   */
  static async open(
    directory: string,
    segmentBytes: number,
    report: Report,
    committed = 0,
  ): Promise<SegmentLog> {
    await makeDirectory(directory);
    const segments: MutableSegment[] = [];
    for (const { baseOffset, file } of await listSegments(directory)) {
      const { size, mtimeMs } = await stat(file);
      segments.push({ baseOffset, file, bytes: size, lastWriteMs: mtimeMs });
    }
    const last = segments.at(-1);
    if (last === undefined) {
      const first = await createSegment(directory, committed);
      return new SegmentLog(directory, segmentBytes, [first.segment], first.handle, committed);
    }
    const handle = await open(last.file, 'r+');
    const { bytes, nextOffset, isDamaged } = await wholeFrames(handle, last, report);
    const lost = { position: bytes, bytes: last.bytes - bytes };
    if (committed > nextOffset) report({ kind: 'corrupt-segment', file: last.file, ...lost });
    if (isDamaged || committed > nextOffset) {
      const offset = Math.max(nextOffset, committed);
      const next = await createSegment(directory, offset);
      await handle.close();
      return new SegmentLog(
        directory,
        segmentBytes,
        [...segments, next.segment],
        next.handle,
        offset,
      );
    }
    if (bytes < last.bytes) {
      report({ kind: 'torn-tail', file: last.file, bytes: last.bytes - bytes });
      await handle.truncate(bytes);
      await handle.sync();
      last.bytes = bytes;
    }
    return new SegmentLog(directory, segmentBytes, segments, handle, nextOffset);
  }

  /** Offset after the newest durable record. */
  get end(): number {
    return this.nextOffset;
  }

  /** Offset of the oldest record that is kept. */
  get start(): number {
    return this.kept[0]?.baseOffset ?? this.nextOffset;
  }

  get bytes(): number {
    return this.kept.reduce((sum, segment) => sum + segment.bytes, 0);
  }

  /** Bytes of the segments with records at or after the offset. */
  bytesFrom(offset: number): number {
    if (offset >= this.nextOffset) return 0;
    return this.kept.reduce((sum, { bytes }, place) => {
      const next = this.kept[place + 1];
      return next === undefined || next.baseOffset > offset ? sum + bytes : sum;
    }, 0);
  }

  get segments(): readonly Segment[] {
    return this.kept;
  }

  /** Resolves with the offset of the first record once all are durable. */
  append(body: Buffer, count: number, receivedAtMs: number): Promise<number> {
    if (this.isClosed) return Promise.reject(new LogStreamClosedFailure());
    return new Promise((resolve, reject) => {
      this.waiting.push({ body, count, receivedAtMs, resolve, reject });
      this.waitingBytes += body.length;
      this.writing ??= this.write().finally(() => (this.writing = undefined));
    });
  }

  /** Resolves when there is a record at or after the offset, or when the log is closed or the signal aborted. */
  async reaches(offset: number, signal: AbortSignal): Promise<void> {
    while (this.nextOffset <= offset && !this.isClosed && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const done = () => {
          signal.removeEventListener('abort', done);
          resolve();
        };
        this.wakeReaders.push(done);
        signal.addEventListener('abort', done, { once: true });
      });
    }
  }

  /**
   * Deletes the oldest segments, never the newest one, as long as `isUnneeded` says so of the
   * segment and the offset after it.
   */
  async deleteOldest(
    isUnneeded: (segment: Segment, endOffset: number) => boolean,
  ): Promise<number> {
    let deleted = 0;
    for (;;) {
      const [oldest, next] = this.kept;
      if (oldest === undefined || next === undefined) return deleted;
      if (!isUnneeded(oldest, next.baseOffset)) return deleted;
      this.kept.shift();
      await unlink(oldest.file).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
      });
      deleted += oldest.bytes;
    }
  }

  /** Waits for what was appended before and takes no more. */
  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    await this.writing;
    this.wake();
    await this.current.close();
  }

  private async write(): Promise<void> {
    // Let the appends of this turn of the event loop come together.
    await Promise.resolve();
    while (this.waiting.length > 0) {
      const group = this.takeGroup();
      try {
        await this.writeGroup(group);
      } catch (error) {
        const failure = await this.undo(error);
        for (const { reject } of group) reject(failure);
      } finally {
        this.waitingBytes -= group.reduce((sum, { body }) => sum + body.length, 0);
      }
    }
  }

  private takeGroup(): Waiting[] {
    // Not much more than a file may have, which is not deleted while it is written to.
    const most = Math.min(GROUP_BYTES, this.segmentBytes);
    let bytes = 0;
    let count = 0;
    for (const { body } of this.waiting) {
      if (count > 0 && bytes + body.length > most) break;
      bytes += body.length;
      count++;
    }
    return this.waiting.splice(0, count);
  }

  private async writeGroup(group: readonly Waiting[]): Promise<void> {
    const segment = await this.segmentForWriting();
    const parts: Buffer[] = [];
    let offset = this.nextOffset;
    for (const { body, count, receivedAtMs } of group) {
      parts.push(encodeHead(body, { baseOffset: offset, receivedAtMs, count }), body);
      offset += count;
    }
    const bytes = Buffer.concat(parts);
    for (let written = 0; written < bytes.length;) {
      const position = segment.bytes + written;
      written += (await this.current.write(bytes, written, bytes.length - written, position))
        .bytesWritten;
    }
    await this.current.datasync();

    segment.bytes += bytes.length;
    segment.lastWriteMs = Date.now();
    let base = this.nextOffset;
    this.nextOffset = offset;
    for (const { resolve, count } of group) {
      resolve(base);
      base += count;
    }
    this.wake();
  }

  private async segmentForWriting(): Promise<MutableSegment> {
    const newest = this.kept.at(-1);
    if (newest !== undefined && newest.bytes < this.segmentBytes) return newest;
    const { segment, handle } = await createSegment(this.directory, this.nextOffset);
    await this.current.close();
    this.current = handle;
    this.kept.push(segment);
    return segment;
  }

  /** Leaves nothing of a failed write behind, so that the next one continues after whole frames. */
  private async undo(cause: unknown): Promise<SpoolFullFailure | SpoolWriteFailure> {
    await this.current.truncate(this.kept.at(-1)?.bytes ?? 0).catch(() => undefined);
    return spoolFailureOf(cause);
  }

  private wake(): void {
    const readers = this.wakeReaders;
    this.wakeReaders = [];
    for (const reader of readers) reader();
  }
}

async function createSegment(
  directory: string,
  baseOffset: number,
): Promise<{ segment: MutableSegment; handle: FileHandle }> {
  const file = segmentFile(directory, baseOffset);
  const handle = await open(file, 'w+');
  await syncDirectory(directory);
  return { segment: { baseOffset, file, bytes: 0, lastWriteMs: Date.now() }, handle };
}

/** How far the file has whole frames, the offset after them, and whether there is damage between them. */
async function wholeFrames(
  handle: FileHandle,
  { file, baseOffset, bytes: end }: Segment,
  report: Report,
): Promise<{ bytes: number; nextOffset: number; isDamaged: boolean }> {
  const reader = new FrameReader(handle, baseOffset);
  let isDamaged = false;
  for (;;) {
    const found = await reader.next(end);
    if (found === undefined) {
      return { bytes: reader.position, nextOffset: reader.offset, isDamaged };
    }
    if (found.kind === 'damage') {
      isDamaged = true;
      const { position, bytes } = found;
      report({ kind: 'corrupt-segment', file, position, bytes });
    }
  }
}
