import { and, eq } from 'drizzle-orm';
import { NotOwnerFailure } from './database-failures';
import type { Handle } from './handle';
import { partitionOwners } from './tables';

/** A partition, and who reads it. */
export interface PartitionOwner {
  readonly source: string;
  readonly partition: number;
  /** Another one for each epoch of each process. */
  readonly owner: string;
}

/**
 * A fence between the owners of a partition: a consumer that was thought dead, or has not heard yet that its partition is
 * somebody else's, can no longer write.
 *
 * Source: fencing tokens, Kleppmann, "Designing Data-Intensive Applications", 2017, chapter 8.
 */
export class PartitionOwnerRepository {
  constructor(private readonly handle: Handle) {}

  /** Waits for what the owner before is writing; from then on it writes nothing. */
  async takeOver({ source, partition, owner }: PartitionOwner, nowMs: number): Promise<void> {
    const changing = { owner, takenAt: nowMs };
    await this.handle
      .insert(partitionOwners)
      .values({ source, partition, ...changing })
      .onConflictDoUpdate({
        target: [partitionOwners.source, partitionOwners.partition],
        set: changing,
      });
  }

  /**
   * Lets nobody take the partition over until the transaction ends.
   *
   * @throws NotOwnerFailure when somebody has
   */
  async hold({ source, partition, owner }: PartitionOwner): Promise<void> {
    const [row] = await this.handle
      .select({ owner: partitionOwners.owner })
      .from(partitionOwners)
      .where(and(eq(partitionOwners.source, source), eq(partitionOwners.partition, partition)))
      .for('share');
    if (row?.owner !== owner) throw new NotOwnerFailure(source, partition);
  }
}
