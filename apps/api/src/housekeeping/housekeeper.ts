import { setTimeout as sleep } from 'node:timers/promises';
import type { RetentionConfig } from '@logbert/contracts';
import type { Database } from '@logbert/database';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { RETENTION_CONFIG } from '../config/config.module';
import { DATABASE } from '../storage/database.token';

const EVERY_MS = 10 * 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** How far back a root cause can look for what was usual. */
const KEEP_COUNTS_MS = 7 * DAY_MS;
/** What is known of a partition that nobody writes to any more. */
const KEEP_POSITIONS_MS = 90 * DAY_MS;
/** Rows that go at once: a batch takes milliseconds, and those who write come in between two of them. */
const BATCH = 200;
/** Rest after a batch, as a multiple of what it took. */
const REST = 4;

/** Forgets what nobody asks for any more, so that a server that runs for months does not grow. */
@Injectable()
export class Housekeeper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(Housekeeper.name);
  private readonly closing = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> | undefined;

  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(RETENTION_CONFIG) private readonly retention: RetentionConfig,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.round ??= this.tidy()
        .catch((error: unknown) => this.logger.warn(String(error)))
        .finally(() => (this.round = undefined));
    }, EVERY_MS);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    this.closing.abort();
    await this.round;
  }

  async tidy(): Promise<void> {
    const {
      anomalies,
      incidents,
      events,
      outletCursors,
      templateCounts,
      detectorStates,
      replayedLetters,
    } = this.database.repositories;
    const now = Date.now();
    const findingsBefore = now - this.retention.findingsDays * DAY_MS;
    const eventsBefore = now - this.retention.eventsHours * HOUR_MS;
    const published = await outletCursors.position();
    await this.inBatches(() => events.prune(eventsBefore, published, BATCH));
    await this.inBatches(() => anomalies.prune(findingsBefore, BATCH));
    await this.inBatches(() => incidents.prune(findingsBefore, BATCH));
    await templateCounts.prune(now - KEEP_COUNTS_MS);
    await templateCounts.prunePositions(now - KEEP_POSITIONS_MS);
    await detectorStates.prune(now - KEEP_POSITIONS_MS);
    await replayedLetters.prune(now - KEEP_POSITIONS_MS);
    await this.database.vacuum();
  }

  private async inBatches(prune: () => Promise<number>): Promise<void> {
    const { signal } = this.closing;
    while (!signal.aborted) {
      const startedAt = performance.now();
      if ((await prune()) < BATCH) return;
      const restMs = REST * (performance.now() - startedAt);
      await sleep(restMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
