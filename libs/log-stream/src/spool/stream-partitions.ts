import { readFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
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

  static async load(file: string, partitions: number): Promise<StreamPartitions> {
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '{}';
      throw error;
    });
    const known = Object.entries(JSON.parse(text) as Record<string, number>);
    return new StreamPartitions(file, new Map(known), partitions);
  }

  /** Durable when it resolves. */
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
    await replaceFile(this.file, JSON.stringify(placed));
    this.byStream.set(stream, partition);
    return partition;
  }

  /** By the name, so that it hardly depends on which stream comes first; then the next one that nobody has. */
  private choose(stream: string): number {
    const { partitions } = this;
    const taken = new Set(this.byStream.values());
    const first = crc32(stream) % partitions;
    for (let step = 0; step < partitions; step++) {
      const partition = (first + step) % partitions;
      if (!taken.has(partition)) return partition;
    }
    return first;
  }
}
