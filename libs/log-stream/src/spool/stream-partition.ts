import { crc32 } from 'node:zlib';

/** The partition that has every line of the stream. */
export function partitionOf(stream: string, partitions: number): number {
  return crc32(stream) % partitions;
}
