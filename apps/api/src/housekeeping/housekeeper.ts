import type { Database } from '@logbert/database';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { DATABASE } from '../storage/database.token';

const EVERY_MS = 10 * 60_000;
/** How far back an event stream can resume. */
const KEEP_EVENTS_MS = 24 * 3_600_000;
/** How far back a root cause can look for what was usual. */
const KEEP_COUNTS_MS = 7 * 24 * 3_600_000;

/** Forgets what nobody asks for any more, so that a server that runs for months does not grow. */
@Injectable()
export class Housekeeper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(Housekeeper.name);
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> | undefined;

  constructor(@Inject(DATABASE) private readonly database: Database) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.round = this.tidy().catch((error: unknown) => this.logger.warn(String(error)));
    }, EVERY_MS);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.round;
  }

  async tidy(): Promise<void> {
    const { events, templateCounts } = this.database.repositories;
    const now = Date.now();
    await events.prune(now - KEEP_EVENTS_MS);
    await templateCounts.prune(now - KEEP_COUNTS_MS);
  }
}
