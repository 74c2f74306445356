import type { Quarantine } from '@logbert/contracts';
import { and, eq } from 'drizzle-orm';
import type { Handle } from './handle';
import type { StreamPlace } from './stream-place';
import { quarantines } from './tables';

/** The partitions whose lines of a stream cannot be grouped. */
export class QuarantineRepository {
  constructor(private readonly handle: Handle) {}

  /** Says that a quarantine begins, or how many lines it has by now. */
  async put(
    place: StreamPlace,
    { lines, reason }: Pick<Quarantine, 'lines' | 'reason'>,
    nowMs: number,
  ): Promise<void> {
    await this.handle
      .insert(quarantines)
      .values({ ...place, since: nowMs, lines, reason })
      .onConflictDoUpdate({
        target: [quarantines.stream, quarantines.source, quarantines.partition],
        set: { lines, reason },
      });
  }

  async remove({ stream, source, partition }: StreamPlace): Promise<void> {
    await this.handle
      .delete(quarantines)
      .where(
        and(
          eq(quarantines.stream, stream),
          eq(quarantines.source, source),
          eq(quarantines.partition, partition),
        ),
      );
  }
}
