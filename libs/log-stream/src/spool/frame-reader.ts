import type { FileHandle } from 'node:fs/promises';
import { decodeHead, HEADER_BYTES, isIntact, type FrameHead } from './frame';

const CHUNK_BYTES = 1_048_576;

export interface FoundFrame {
  readonly head: FrameHead;
  /** The whole frame, or only its head when the body was not asked for. */
  readonly bytes: Buffer;
  /** Where the next frame begins. */
  readonly nextPosition: number;
}

/** Reads a segment file frame by frame. What it hands out stays valid: a buffer is never used twice. */
export class FrameReader {
  private chunk: Buffer = Buffer.alloc(0);
  /** Position in the file of the first byte of the chunk. */
  private chunkAt = 0;

  constructor(private readonly file: FileHandle) {}

  /**
   * The frame at the position, or `undefined` when there is no whole, intact one before `end`.
   * With `wants`, the body is read and checked only of frames whose head it accepts.
   */
  async at(
    position: number,
    end: number,
    wants: (head: FrameHead) => boolean = () => true,
  ): Promise<FoundFrame | undefined> {
    if (position + HEADER_BYTES > end) return undefined;
    const headBytes = await this.bytes(position, HEADER_BYTES, end);
    const head = headBytes === undefined ? undefined : decodeHead(headBytes);
    if (headBytes === undefined || head === undefined) return undefined;
    const length = HEADER_BYTES + head.bodyBytes;
    const nextPosition = position + length;
    if (nextPosition > end) return undefined;
    if (!wants(head)) return { head, bytes: headBytes, nextPosition };
    const bytes = await this.bytes(position, length, end);
    if (bytes === undefined || !isIntact(head, bytes)) return undefined;
    return { head, bytes, nextPosition };
  }

  private async bytes(position: number, length: number, end: number): Promise<Buffer | undefined> {
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
