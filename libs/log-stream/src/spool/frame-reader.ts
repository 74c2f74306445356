import type { FileHandle } from 'node:fs/promises';
import { decodeHead, HEADER_BYTES, isIntact, MAGIC_BYTES, type FrameHead } from './frame';

const CHUNK_BYTES = 1_048_576;
/** A record takes its length and its value: so many bytes hide no more records than a quarter of them. */
const LEAST_RECORD_BYTES = 4;

export interface FoundFrame {
  readonly kind: 'frame';
  readonly head: FrameHead;
  /** The whole frame, or only its head when the body was not asked for. */
  readonly bytes: Buffer;
}

/** Bytes that are no frame, with a whole frame behind them. */
export interface Damage {
  readonly kind: 'damage';
  readonly position: number;
  readonly bytes: number;
}

type Wants = (head: FrameHead) => boolean;

/** Reads a segment file frame by frame. What it hands out stays valid: a buffer is never used twice. */
export class FrameReader {
  private chunk: Buffer = Buffer.alloc(0);
  /** Position in the file of the first byte of the chunk. */
  private chunkAt = 0;
  private nextPosition = 0;
  private nextOffset: number;
  /** A place that a checksum vouches for. */
  private sure: { readonly position: number; readonly offset: number };
  /** Frames before this position are checked, wanted or not. */
  private checkedUntil = 0;

  /** @param baseOffset offset of the first record of the file */
  constructor(
    private readonly file: FileHandle,
    baseOffset: number,
  ) {
    this.nextOffset = baseOffset;
    this.sure = { position: 0, offset: baseOffset };
  }

  /** Where the next frame begins. */
  get position(): number {
    return this.nextPosition;
  }

  /** Offset of the first record of the next frame. */
  get offset(): number {
    return this.nextOffset;
  }

  /**
   * The next frame; `undefined` when there is no whole, intact one before `end`. Damage in front of
   * a whole frame is told once, the call after it gives that frame.
   * With `wants`, the body is read and checked only of frames whose head it accepts.
   */
  async next(end: number, wants: Wants = () => true): Promise<FoundFrame | Damage | undefined> {
    const position = this.nextPosition;
    const found = await this.at(position, end, wants);
    if (found !== undefined) {
      this.nextPosition = position + HEADER_BYTES + found.head.bodyBytes;
      this.nextOffset = found.head.baseOffset + found.head.count;
      if (found.bytes.length > HEADER_BYTES) {
        this.sure = { position: this.nextPosition, offset: this.nextOffset };
      }
      return found;
    }
    if (position >= end) return undefined;
    if (position > this.sure.position) {
      // The length of a frame that was not checked may have led astray.
      this.checkedUntil = position;
      this.nextPosition = this.sure.position;
      this.nextOffset = this.sure.offset;
      return this.next(end, wants);
    }
    const next = await this.findBehind(position, end);
    if (next === undefined) return undefined;
    this.nextPosition = next;
    return { kind: 'damage', position, bytes: next - position };
  }

  private async at(position: number, end: number, wants: Wants): Promise<FoundFrame | undefined> {
    const headBytes = await this.bytes(position, HEADER_BYTES, end);
    const head = headBytes === undefined ? undefined : decodeHead(headBytes);
    if (headBytes === undefined || head === undefined) return undefined;
    const length = HEADER_BYTES + head.bodyBytes;
    if (position + length > end) return undefined;
    if (position >= this.checkedUntil && head.baseOffset === this.nextOffset && !wants(head)) {
      return { kind: 'frame', head, bytes: headBytes };
    }
    if (!this.mayBegin(head, position)) return undefined;
    const bytes = await this.bytes(position, length, end);
    if (bytes === undefined || !isIntact(head, bytes)) return undefined;
    return { kind: 'frame', head, bytes };
  }

  /** Whether the offset fits the place, so that a frame inside of a damaged record is hardly taken for one. */
  private mayBegin({ baseOffset }: FrameHead, position: number): boolean {
    const hidden = (position - this.sure.position) / LEAST_RECORD_BYTES;
    const ahead = baseOffset - this.sure.offset;
    return Number.isSafeInteger(baseOffset) && ahead >= 0 && ahead <= hidden;
  }

  /** Position of the first whole frame behind a damaged one. */
  private async findBehind(damaged: number, end: number): Promise<number | undefined> {
    const isFrame = async (position: number) =>
      (await this.at(position, end, () => true)) !== undefined;
    const headBytes = await this.bytes(damaged, HEADER_BYTES, end);
    const head = headBytes === undefined ? undefined : decodeHead(headBytes);
    if (head !== undefined) {
      // Its length may be right.
      const behind = damaged + HEADER_BYTES + head.bodyBytes;
      if (await isFrame(behind)) return behind;
    }
    for (let from = damaged + 1; from + HEADER_BYTES <= end;) {
      const searched = await this.bytes(from, Math.min(CHUNK_BYTES, end - from), end);
      if (searched === undefined) return undefined;
      let at = searched.indexOf(MAGIC_BYTES);
      for (; at >= 0; at = searched.indexOf(MAGIC_BYTES, at + 1)) {
        if (await isFrame(from + at)) return from + at;
      }
      // The mark may lie across the end of what was searched.
      from += searched.length - (MAGIC_BYTES.length - 1);
    }
    return undefined;
  }

  private async bytes(position: number, length: number, end: number): Promise<Buffer | undefined> {
    if (position + length > end) return undefined;
    const start = position - this.chunkAt;
    if (start >= 0 && start + length <= this.chunk.length) {
      return this.chunk.subarray(start, start + length);
    }
    // Never past the end: what is being written there now would stay in the chunk.
    const wanted = Math.min(Math.max(length, CHUNK_BYTES), end - position);
    const buffer = Buffer.allocUnsafeSlow(wanted);
    const { bytesRead } = await this.file.read(buffer, 0, wanted, position);
    this.chunk = buffer.subarray(0, bytesRead);
    this.chunkAt = position;
    return bytesRead < length ? undefined : this.chunk.subarray(0, length);
  }
}
