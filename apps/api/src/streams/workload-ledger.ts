import type { Database, StreamPlace } from '@logbert/database';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { DATABASE } from '../storage/database.token';
import { isChangedWork } from './changed-work';
import { type OwnedPlace, OwnedWrites } from './owned-writes';

/** Keeps in the database in which partitions the work of a stream has changed, for whichever process is asked. */
@Injectable()
export class WorkloadLedger {
  private readonly logger = new Logger(WorkloadLedger.name);
  private readonly changed = new Set<string>();
  private readonly writes = new OwnedWrites<number | null>(
    (place, share) => this.put(place, share),
    (one, other) => one === other,
    ({ stream }, error) =>
      this.logger.warn(`the change of the work of ${stream} was not kept: ${String(error)}`),
  );

  constructor(@Inject(DATABASE) private readonly database: Database) {}

  /**
   * Returns at once.
   *
   * @param unlikeShare share of the last windows that are unlike those of the training; undefined before enough were judged
   */
  note(place: OwnedPlace, unlikeShare: number | undefined): void {
    const key = JSON.stringify([place.stream, place.source, place.partition]);
    const isChanged = isChangedWork(unlikeShare ?? 0, this.changed.has(key));
    if (isChanged) this.changed.add(key);
    else this.changed.delete(key);
    // In steps: nobody needs it more exactly, and each is a write.
    this.writes.want(place, isChanged ? Math.round((unlikeShare ?? 0) * 20) / 20 : null);
  }

  private async put(place: StreamPlace, share: number | null): Promise<void> {
    const { workloadChanges } = this.database.repositories;
    if (share === null) await workloadChanges.remove(place);
    else await workloadChanges.put(place, share, Date.now());
  }
}
