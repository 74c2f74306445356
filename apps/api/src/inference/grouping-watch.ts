import { METRICS } from '@logbert/telemetry';
import { describeQuarantine, type GroupingStatus } from '@logbert/template-mining';
import { Logger } from '@nestjs/common';
import type { Meters } from '../metrics/meters';
import type { PartitionName, StreamFindings } from './detector-protocol';

/** Tells the operator, once each time, that a stream's novel lines cannot be grouped, and that they can be again. */
export class GroupingWatch {
  private readonly logger = new Logger('Inference');
  /** Partitions in quarantine, by stream. */
  private readonly quarantined = new Map<string, Set<string>>();

  constructor(private readonly meters: Pick<Meters, 'set'>) {}

  note(
    { source, partition }: PartitionName,
    { stream, grouping }: Pick<StreamFindings, 'stream' | 'grouping'>,
  ): void {
    const place = `${source}/${partition}`;
    const partitions = this.quarantined.get(stream) ?? new Set<string>();
    this.quarantined.set(stream, partitions);
    if (grouping.state === 'grouping') {
      if (partitions.delete(place)) {
        this.logger.log(`novel lines of stream ${stream} in ${place} can be grouped again`);
      }
    } else if (!partitions.has(place)) {
      partitions.add(place);
      this.logger.warn(warningOf(stream, place, grouping));
    }
    this.meters.set(METRICS.novelQuarantined, partitions.size, { stream });
  }

  /** Whoever works on the partition now speaks for it. */
  forget({ source, partition }: PartitionName): void {
    for (const [stream, partitions] of this.quarantined) {
      if (!partitions.delete(`${source}/${partition}`)) continue;
      this.meters.set(METRICS.novelQuarantined, partitions.size, { stream });
    }
  }
}

function warningOf(
  stream: string,
  place: string,
  { reason }: Exclude<GroupingStatus, { state: 'grouping' }>,
): string {
  return (
    `novel lines of stream ${stream} in ${place} cannot be grouped: ${describeQuarantine(reason)}. ` +
    'Those like no template are one group, <...>, until grouping is tried again. ' +
    'Look whether the source writes something that is no log, or train the stream again.'
  );
}
