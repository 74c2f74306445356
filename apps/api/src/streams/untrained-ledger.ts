import type { Database, QuarantinePlace } from '@logbert/database';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { DATABASE } from '../storage/database.token';

/** What is to be in the database, and what is known to be there. */
interface Entry {
  wanted: number;
  written: number | undefined;
  isWriting: boolean;
}

/** Keeps in the database how many windows of a stream without a model were seen, for whichever process is asked. */
@Injectable()
export class UntrainedLedger {
  private readonly logger = new Logger(UntrainedLedger.name);
  private readonly entries = new Map<string, Entry>();

  constructor(@Inject(DATABASE) private readonly database: Database) {}

  /**
   * Returns at once; one write a place is under way, and what came meanwhile is the next.
   *
   * @param windows undefined when there is a model
   */
  note({ stream, source, partition }: QuarantinePlace, windows: number | undefined): void {
    const key = JSON.stringify([stream, source, partition]);
    if (windows === undefined) {
      this.entries.delete(key);
      return;
    }
    const entry = this.entries.get(key) ?? { wanted: 0, written: undefined, isWriting: false };
    this.entries.set(key, entry);
    entry.wanted = windows;
    if (!entry.isWriting) void this.write({ stream, source, partition }, entry);
  }

  private async write(place: QuarantinePlace, entry: Entry): Promise<void> {
    entry.isWriting = true;
    try {
      while (entry.wanted !== entry.written) {
        const { wanted } = entry;
        await this.database.repositories.untrainedWindows.put(place, wanted);
        entry.written = wanted;
      }
    } catch (error) {
      // The next batch of the partition tries again.
      entry.written = undefined;
      this.logger.warn(`the windows seen of ${place.stream} were not kept: ${String(error)}`);
    } finally {
      entry.isWriting = false;
    }
  }
}
