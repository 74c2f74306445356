import type { Database, StreamPlace } from '@logbert/database';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { DATABASE } from '../storage/database.token';
import { type Work, workBy } from './changed-work';
import { type OwnedPlace, OwnedWrites } from './owned-writes';

interface Said {
  readonly work: Work;
  /** In steps: nobody needs it more exactly, and each is a write. */
  readonly unlikeShare: number;
}

/**
 * Keeps in the database in which partitions the work of a stream has changed, for whichever process is asked. What is there is the memory
 * of it, too: whoever gets a partition in between says what was said before.
 */
@Injectable()
export class WorkloadLedger {
  private readonly logger = new Logger(WorkloadLedger.name);
  private readonly writes = new OwnedWrites<Said>(
    (place, said) => this.put(place, said),
    (one, other) =>
      one.work === other.work && (one.work === 'known' || one.unlikeShare === other.unlikeShare),
    ({ stream }, error) =>
      this.logger.warn(`the change of the work of ${stream} was not kept: ${String(error)}`),
  );

  constructor(@Inject(DATABASE) private readonly database: Database) {}

  /**
   * Returns at once.
   *
   * @param unlikeShare share of the last windows that are unlike those of the training; undefined before enough were judged
   */
  note(place: OwnedPlace, unlikeShare = 0): void {
    this.writes.want(place, {
      work: workBy(unlikeShare),
      unlikeShare: Math.round(unlikeShare * 20) / 20,
    });
  }

  private async put(place: StreamPlace, { work, unlikeShare }: Said): Promise<void> {
    const { workloadChanges } = this.database.repositories;
    if (work === 'changed') await workloadChanges.put(place, unlikeShare, Date.now());
    else if (work === 'unclear') await workloadChanges.adjust(place, unlikeShare);
    else await workloadChanges.remove(place);
  }
}
