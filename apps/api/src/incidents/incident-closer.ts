import type { Database } from '@logbert/database';
import { METRICS } from '@logbert/telemetry';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Meters } from '../metrics/meters';
import { DATABASE } from '../storage/database.token';
import { IncidentRecorder } from './incident-recorder';

const EVERY_MS = 2_000;

/** Closes incidents in which nothing happens any more. */
@Injectable()
export class IncidentCloser implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(IncidentCloser.name);
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> | undefined;

  constructor(
    @Inject(DATABASE) private readonly database: Database,
    private readonly recorder: IncidentRecorder,
    private readonly meters: Meters,
  ) {
    this.meters.beforeScrape(async () => {
      const open = await this.database.repositories.incidents.open();
      this.meters.reset(METRICS.incidentsOpen);
      for (const stream of new Set(open.map((incident) => incident.stream))) {
        const count = open.filter((incident) => incident.stream === stream).length;
        this.meters.set(METRICS.incidentsOpen, count, { stream });
      }
    });
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.round ??= this.closeIdle()
        .catch((error: unknown) => this.logger.warn(`incidents stay open: ${String(error)}`))
        .finally(() => (this.round = undefined));
    }, EVERY_MS);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.round;
  }

  private async closeIdle(): Promise<void> {
    const open = await this.database.repositories.incidents.open();
    const streams = new Set(open.map(({ stream }) => stream));
    for (const stream of streams) await this.recorder.closeIdle(stream);
  }
}
