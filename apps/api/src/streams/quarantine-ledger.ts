import type { Database, StreamPlace } from '@logbert/database';
import { describeQuarantine, type GroupingStatus } from '@logbert/template-mining';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { DATABASE } from '../storage/database.token';
import { type OwnedPlace, OwnedWrites } from './owned-writes';

/** null: the partition is not in quarantine. */
type Quarantine = { readonly lines: number; readonly reason: string } | null;

/** Keeps in the database which partitions are in quarantine, for whichever process is asked. */
@Injectable()
export class QuarantineLedger {
  private readonly logger = new Logger(QuarantineLedger.name);
  private readonly writes = new OwnedWrites<Quarantine>(
    (place, quarantine) => this.put(place, quarantine),
    (one, other) => one?.lines === other?.lines && one?.reason === other?.reason,
    ({ stream }, error) =>
      this.logger.warn(`the quarantine of ${stream} was not kept: ${String(error)}`),
  );

  constructor(@Inject(DATABASE) private readonly database: Database) {}

  /** Returns at once. */
  note(place: OwnedPlace, grouping: GroupingStatus): void {
    this.writes.want(
      place,
      grouping.state === 'grouping'
        ? null
        : { lines: grouping.refusedLines, reason: describeQuarantine(grouping.reason) },
    );
  }

  private async put(place: StreamPlace, quarantine: Quarantine): Promise<void> {
    const { quarantines } = this.database.repositories;
    if (quarantine) await quarantines.put(place, quarantine, Date.now());
    else await quarantines.remove(place);
  }
}
