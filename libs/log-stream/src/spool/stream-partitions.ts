import { crc32 } from 'node:zlib';
import { spoolFailureOf } from '../log-stream-failures';
import { readIfThere } from './read-if-there';
import { replaceFile } from './replace-file';

/**
 * Which partition has every line of a stream. A stream has one of its own while there is one left, so that none waits behind the
 * lines of another; where there are more streams than partitions some share one. It never changes, or lines would be read
 * in another order.
 */
export class StreamPartitions {
  private placing: Promise<void> = Promise.resolve();

  private constructor(
    private readonly file: string,
    private readonly byStream: Map<string, number>,
    private readonly partitions: number,
  ) {}

  /**
   * @param partitions how many there are for new streams
   * @param isThere whether a partition that was given before is there still
   */
  static async load(
    file: string,
    partitions: number,
    isThere: (partition: number) => boolean,
  ): Promise<StreamPartitions> {
    const text = (await readIfThere(file)) ?? '{}';
    const known = Object.entries(JSON.parse(text) as Record<string, number>);
    const kept = known.filter(([, partition]) => isThere(partition));
    return new StreamPartitions(file, new Map(kept), partitions);
  }

  /**
   * Durable when it resolves.
   *
   * @throws SpoolFullFailure, SpoolWriteFailure when it cannot be written down
   */
  async of(stream: string): Promise<number> {
    const known = this.byStream.get(stream);
    if (known !== undefined) return known;
    const placing = this.placing.then(() => this.place(stream));
    this.placing = placing.then(
      () => undefined,
      () => undefined,
    );
    return placing;
  }

  private async place(stream: string): Promise<number> {
    const known = this.byStream.get(stream);
    if (known !== undefined) return known;
    const partition = this.choose(stream);
    const placed = Object.fromEntries([...this.byStream, [stream, partition]]);
    await replaceFile(this.file, JSON.stringify(placed)).catch((cause: unknown) => {
      throw spoolFailureOf(cause);
    });
    this.byStream.set(stream, partition);
    return partition;
  }

  /** By the name, so that it hardly depends on which stream comes first; of those that the fewest streams have, the next one. */
  private choose(stream: string): number {
    const { partitions } = this;
    const streams = new Array<number>(partitions).fill(0);
    for (const partition of this.byStream.values()) {
      if (partition < partitions) streams[partition] = (streams[partition] ?? 0) + 1;
    }
    const first = crc32(stream) % partitions;
    const fewest = Math.min(...streams);
    return (
      (first + [...streams.slice(first), ...streams.slice(0, first)].indexOf(fewest)) % partitions
    );
  }
}
