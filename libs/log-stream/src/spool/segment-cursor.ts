import { open, type FileHandle } from 'node:fs/promises';
import type { RawRecord } from '../log-stream';
import type { Report } from '../stream-notice';
import { decodeFrame, type Frame } from './frame';
import { FrameReader } from './frame-reader';
import type { Segment, SegmentLog } from './segment-log';

/** Reads a log in order from an offset on, only what is durable. */
export class SegmentCursor {
  private segment: Segment | undefined;
  private handle: FileHandle | undefined;
  private reader: FrameReader | undefined;
  private frame: Frame | undefined;

  constructor(
    private readonly log: SegmentLog,
    private readonly place: { readonly source: string; readonly partition: number },
    private readonly report: Report,
    /** Offset of the next record. */
    private offset: number,
  ) {}

  /** Offset of the next record. */
  get position(): number {
    return this.offset;
  }

  /** The next records, none when there is nothing new. Takes at least one, whatever its size. */
  async next(limits: { maxRecords: number; maxBytes: number }): Promise<readonly RawRecord[]> {
    const records: RawRecord[] = [];
    let bytes = 0;
    while (records.length < limits.maxRecords && bytes < limits.maxBytes) {
      const frame = await this.frameAtOffset();
      if (frame === undefined) break;
      const frameEnd = frame.baseOffset + frame.count;
      while (
        this.offset < frameEnd &&
        records.length < limits.maxRecords &&
        bytes < limits.maxBytes
      ) {
        const value = frame.values[this.offset - frame.baseOffset];
        if (value === undefined) break;
        records.push({
          stream: frame.stream,
          ...this.place,
          offset: this.offset,
          key: frame.stream,
          headers: frame.headers,
          value,
          receivedAtMs: frame.receivedAtMs,
        });
        bytes += value.length;
        this.offset++;
      }
    }
    return records;
  }

  async close(): Promise<void> {
    await this.handle?.close();
    this.handle = undefined;
  }

  private async frameAtOffset(): Promise<Frame | undefined> {
    if (this.frame !== undefined && this.offset < this.frame.baseOffset + this.frame.count) {
      return this.frame;
    }
    this.frame = undefined;
    while (this.offset < this.log.end) {
      await this.enterSegment();
      if (this.segment === undefined || this.reader === undefined) return undefined;
      const isNeeded = (head: { baseOffset: number; count: number }) =>
        head.baseOffset + head.count > this.offset;
      const found = await this.reader.next(this.segment.bytes, isNeeded);
      if (found === undefined) {
        this.skipRestOfSegment(this.segment, this.reader.position);
        continue;
      }
      if (found.kind === 'damage') {
        const { position, bytes } = found;
        this.report({ kind: 'corrupt-segment', file: this.segment.file, position, bytes });
        continue;
      }
      if (!isNeeded(found.head)) continue;
      this.offset = Math.max(this.offset, found.head.baseOffset);
      this.frame = decodeFrame(found.head, found.bytes);
      return this.frame;
    }
    return undefined;
  }

  /** Opens the segment that has the offset, when it is another one than now. */
  private async enterSegment(): Promise<void> {
    const { segments } = this.log;
    const wanted = segments.findLast(({ baseOffset }) => baseOffset <= this.offset) ?? segments[0];
    if (wanted === this.segment || wanted === undefined) return;
    await this.close();
    this.handle = await open(wanted.file, 'r');
    this.reader = new FrameReader(this.handle, wanted.baseOffset);
    this.segment = wanted;
    this.offset = Math.max(this.offset, wanted.baseOffset);
  }

  /** There are more records, but no whole frame in this segment. */
  private skipRestOfSegment(segment: Segment, position: number): void {
    const bytes = segment.bytes - position;
    this.report({ kind: 'corrupt-segment', file: segment.file, position, bytes });
    const next = this.log.segments.find(({ baseOffset }) => baseOffset > segment.baseOffset);
    this.offset = next?.baseOffset ?? this.log.end;
  }
}
