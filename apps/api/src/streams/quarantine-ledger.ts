import type { Database, QuarantinePlace } from '@logbert/database';
import { describeQuarantine, type GroupingStatus } from '@logbert/template-mining';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { DATABASE } from '../storage/database.token';

/** What is wanted in the database, and what is known to be there; undefined: nobody knows. */
interface Entry {
  epoch: number;
  wanted: { readonly lines: number; readonly reason: string } | null;
  written: Entry['wanted'] | undefined;
  isWriting: boolean;
}

/** Keeps in the database which partitions are in quarantine, for whichever process is asked. */
@Injectable()
export class QuarantineLedger {
  private readonly logger = new Logger(QuarantineLedger.name);
  private readonly entries = new Map<string, Entry>();

  constructor(@Inject(DATABASE) private readonly database: Database) {}

  /** Returns at once; one write a place is under way, and what came meanwhile is the next. */
  note(place: QuarantinePlace & { readonly epoch: number }, grouping: GroupingStatus): void {
    const { stream, source, partition, epoch } = place;
    const key = JSON.stringify([stream, source, partition]);
    const wanted =
      grouping.state === 'grouping'
        ? null
        : { lines: grouping.refusedLines, reason: describeQuarantine(grouping.reason) };
    const entry = this.entries.get(key) ?? { epoch, wanted, written: undefined, isWriting: false };
    this.entries.set(key, entry);
    // Somebody else may have written while the partition was not ours.
    if (entry.epoch !== epoch) entry.written = undefined;
    entry.epoch = epoch;
    entry.wanted = wanted;
    if (!entry.isWriting) void this.write({ stream, source, partition }, entry);
  }

  private async write(place: QuarantinePlace, entry: Entry): Promise<void> {
    const { quarantines } = this.database.repositories;
    entry.isWriting = true;
    try {
      while (!isEqual(entry.wanted, entry.written)) {
        const { wanted } = entry;
        if (wanted) await quarantines.put(place, wanted, Date.now());
        else await quarantines.remove(place);
        entry.written = wanted;
      }
    } catch (error) {
      // The next batch of the partition tries again.
      entry.written = undefined;
      this.logger.warn(`the quarantine of ${place.stream} was not kept: ${String(error)}`);
    } finally {
      entry.isWriting = false;
    }
  }
}

function isEqual(wanted: Entry['wanted'], written: Entry['written']): boolean {
  if (!wanted || !written) return wanted === written;
  return wanted.lines === written.lines && wanted.reason === written.reason;
}
