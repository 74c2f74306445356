import { mkdir, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

const NAME = /^(\d{20})\.log$/;

export interface SegmentFile {
  /** Offset of its first record, which is also its name. */
  readonly baseOffset: number;
  readonly file: string;
}

export function segmentFile(directory: string, baseOffset: number): string {
  return join(directory, `${String(baseOffset).padStart(20, '0')}.log`);
}

/** The segments of a partition in the order of their offsets; none when the directory is missing. */
export async function listSegments(directory: string): Promise<readonly SegmentFile[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names
    .filter((name) => NAME.test(name))
    .sort()
    .map((name) => ({ baseOffset: Number(name.slice(0, 20)), file: join(directory, name) }));
}

const PARTITION = /^partition-(\d+)$/;

export function partitionDirectory(spool: string, partition: number): string {
  return join(spool, `partition-${partition}`);
}

/** The partitions that a spool has on disk, in their order. */
export async function listPartitions(spool: string): Promise<readonly number[]> {
  const names = await readdir(spool).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names
    .map((name) => PARTITION.exec(name)?.[1])
    .filter((digits) => digits !== undefined)
    .map(Number)
    .sort((a, b) => a - b);
}

/** Makes a directory that is still there after a power cut. */
export async function makeDirectory(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  await syncDirectory(join(directory, '..'));
}

/** Makes the names in the directory durable. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
