import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';

/** Enough to tell two logs apart whose first lines are alike but for a time. */
export const HEAD_BYTES = 1_024;
export const ANCHOR_BYTES = 256;

/** The first bytes of a file, by which its content is known under any name. */
export interface Head {
  readonly bytes: number;
  readonly digest: string;
}

/** What stood before a place in a file: a file with other content there is another one. */
export interface Anchor {
  readonly bytes: number;
  readonly checksum: number;
}

export const NO_HEAD: Head = { bytes: 0, digest: '' };

/** Bytes of the file from a place on; fewer where it ends. */
export async function readAt(handle: FileHandle, byte: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(buffer, filled, length - filled, byte + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

/** The head of a file of which so many bytes may be relied on. */
export async function readHead(handle: FileHandle, known: number): Promise<Head> {
  const bytes = await readAt(handle, 0, Math.min(known, HEAD_BYTES));
  return { bytes: bytes.length, digest: createHash('sha256').update(bytes).digest('hex') };
}

export async function hasHead(handle: FileHandle, head: Head): Promise<boolean> {
  if (head.bytes === 0) return true;
  const own = await readHead(handle, head.bytes);
  return own.bytes === head.bytes && own.digest === head.digest;
}

export function anchorOf(line: Uint8Array): Anchor {
  const bytes = line.subarray(-ANCHOR_BYTES);
  return { bytes: bytes.length, checksum: crc32(bytes) };
}

export async function hasAnchor(
  handle: FileHandle,
  byte: number,
  { bytes, checksum }: Anchor,
): Promise<boolean> {
  const own = await readAt(handle, byte - bytes, bytes);
  return own.length === bytes && crc32(own) === checksum;
}
