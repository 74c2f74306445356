import type { Database, StreamPlace } from '@logbert/database';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { DATABASE } from '../storage/database.token';
import { LatestWrites } from './latest-writes';

/** Keeps in the database how many windows of a stream without a model were seen, for whichever process is asked. */
@Injectable()
export class UntrainedLedger {
  private readonly logger = new Logger(UntrainedLedger.name);
  private readonly writes = new LatestWrites<StreamPlace, number>(
    (place, windows) => this.database.repositories.untrainedWindows.put(place, windows),
    (one, other) => one === other,
    ({ stream }, error) =>
      this.logger.warn(`the windows seen of ${stream} were not kept: ${String(error)}`),
  );

  constructor(@Inject(DATABASE) private readonly database: Database) {}

  /**
   * Returns at once.
   *
   * @param windows undefined when there is a model
   */
  note({ stream, source, partition }: StreamPlace, windows: number | undefined): void {
    const place = { stream, source, partition };
    if (windows === undefined) this.writes.forget(place);
    else this.writes.want(place, windows);
  }
}
