import { and, eq } from 'drizzle-orm';
import type { Handle } from './handle';
import type { StreamPlace } from './stream-place';
import { workloadChanges } from './tables';

/** The partitions in which the work of a stream is no longer what its model was trained on. */
export class WorkloadChangeRepository {
  constructor(private readonly handle: Handle) {}

  /** Says that it has changed, or how much of it is unlike the training by now. */
  async put(place: StreamPlace, unlikeShare: number, nowMs: number): Promise<void> {
    await this.handle
      .insert(workloadChanges)
      .values({ ...place, since: nowMs, unlikeShare })
      .onConflictDoUpdate({
        target: [workloadChanges.stream, workloadChanges.source, workloadChanges.partition],
        set: { unlikeShare },
      });
  }

  /** How much of it is unlike the training by now, where it has changed. */
  async adjust(place: StreamPlace, unlikeShare: number): Promise<void> {
    await this.handle.update(workloadChanges).set({ unlikeShare }).where(at(place));
  }

  async remove(place: StreamPlace): Promise<void> {
    await this.handle.delete(workloadChanges).where(at(place));
  }
}

function at({ stream, source, partition }: StreamPlace) {
  return and(
    eq(workloadChanges.stream, stream),
    eq(workloadChanges.source, source),
    eq(workloadChanges.partition, partition),
  );
}
