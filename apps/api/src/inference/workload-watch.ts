import { METRICS } from '@logbert/telemetry';
import { Logger } from '@nestjs/common';
import type { Meters } from '../metrics/meters';
import { workBy } from '../streams/changed-work';
import type { PartitionName, StreamFindings } from './detector-protocol';

/** Tells the operator, once each time, that the work of a stream is no longer what its model was trained on. */
export class WorkloadWatch {
  private readonly logger = new Logger('Inference');
  /** Share of windows unlike the training by partition, by stream. */
  private readonly shares = new Map<string, Map<string, number>>();
  private readonly changed = new Set<string>();

  constructor(private readonly meters: Pick<Meters, 'set'>) {}

  note(
    { source, partition }: PartitionName,
    { stream, unlikeTrainingShare }: Pick<StreamFindings, 'stream' | 'unlikeTrainingShare'>,
  ): void {
    const byPartition = this.shares.get(stream) ?? new Map<string, number>();
    const place = `${source}/${partition}`;
    // A new model has judged too little to say anything, and what the one before said is over.
    if (unlikeTrainingShare !== undefined) byPartition.set(place, unlikeTrainingShare);
    else if (!byPartition.delete(place)) return;
    this.shares.set(stream, byPartition);
    const largest = this.tell(stream, byPartition);
    const work = workBy(largest);
    if (work === 'changed' && !this.changed.has(stream)) {
      this.changed.add(stream);
      this.logger.warn(
        `the work of stream ${stream} has changed: ${Math.round(largest * 100)} % of its last windows in one partition are unlike those of ` +
          'its training. What they have in common becomes usual by itself; train the stream again on recent lines when this stays.',
      );
    } else if (work === 'known' && this.changed.delete(stream)) {
      this.logger.log(`the work of stream ${stream} is known again`);
    }
  }

  /** Whoever works on the partition now speaks for it. */
  forget({ source, partition }: PartitionName): void {
    for (const [stream, byPartition] of this.shares) {
      if (!byPartition.delete(`${source}/${partition}`)) continue;
      if (workBy(this.tell(stream, byPartition)) === 'known') this.changed.delete(stream);
    }
  }

  private tell(stream: string, byPartition: ReadonlyMap<string, number>): number {
    const largest = Math.max(0, ...byPartition.values());
    this.meters.set(METRICS.unlikeTrainingShare, largest, { stream });
    return largest;
  }
}
