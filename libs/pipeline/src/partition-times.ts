/**
 * When windows of several partitions were completed, by the event time of their partition.
 *
 * Partitions are read in no order between them. By time their windows are in one that is the same whenever they are read,
 * and the last ones are the last of all partitions and not of one.
 */
export class PartitionTimes {
  private readonly clocks = new Map<string, number>();
  private readonly times: number[] = [];
  private readonly partitions: string[] = [];

  /** Takes a line; `windows` were completed by it. */
  note(partition: string, timestampMs: number, windows: number): void {
    const clockMs = Math.max(timestampMs, this.clocks.get(partition) ?? -Infinity);
    this.clocks.set(partition, clockMs);
    for (let window = 0; window < windows; window++) {
      this.times.push(clockMs);
      this.partitions.push(partition);
    }
  }

  /** Numbers of the windows by time, then by partition; those of one partition keep their order. */
  order(): Uint32Array {
    const { times, partitions } = this;
    return Uint32Array.from(times.keys()).sort((a, b) => {
      const [timeA = 0, timeB = 0] = [times[a], times[b]];
      if (timeA !== timeB) return timeA - timeB;
      const [partitionA = '', partitionB = ''] = [partitions[a], partitions[b]];
      if (partitionA !== partitionB) return partitionA < partitionB ? -1 : 1;
      return a - b;
    });
  }
}
