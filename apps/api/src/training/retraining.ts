import { randomUUID } from 'node:crypto';
import type { Model, TrainingConfig } from '@logbert/contracts';
import type { Database } from '@logbert/database';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { TRAINING_CONFIG } from '../config/config.module';
import { DATABASE } from '../storage/database.token';
import { JobJournal } from './job-journal';
import { isFinished, queuedJob } from './job-progress';
import { isTooSoon, retrainingRequest } from './retraining-request';

const LOOK_EVERY_MS = 60_000;
const SEVERE: ReadonlySet<string> = new Set(['high', 'critical']);

/** Has streams trained again whose lines have grown since their model was made. */
@Injectable()
export class Retraining implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Training');
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;

  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(TRAINING_CONFIG) private readonly config: TrainingConfig,
    private readonly journal: JobJournal,
  ) {}

  onApplicationBootstrap(): void {
    if (!this.config.retraining.enabled) return;
    this.timer = setInterval(() => {
      this.looking ??= this.look(Date.now())
        .catch((error: unknown) => this.logger.warn(`nothing was trained again: ${String(error)}`))
        .finally(() => (this.looking = undefined));
    }, LOOK_EVERY_MS);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.looking;
  }

  /** @param nowMs epoch milliseconds */
  async look(nowMs: number): Promise<void> {
    for (const model of await this.database.repositories.models.activeAll()) {
      if (!isTooSoon(model, undefined, this.config.retraining, nowMs)) {
        await this.lookAt(model, nowMs);
      }
    }
  }

  /** One process of several queues the job. */
  private async lookAt(model: Model, nowMs: number): Promise<void> {
    const { stream } = model;
    const { retraining } = this.config;
    await this.database.transaction(async (repositories) => {
      await repositories.lockStream(stream);
      const { items } = await repositories.trainingJobs.list({ limit: 1 }, stream);
      const [last] = items;
      if (last && !isFinished(last)) return;
      if (isTooSoon(model, last?.createdAt, retraining, nowMs)) return;
      const open = await repositories.incidents.open(stream);
      if (open.some(({ severity }) => SEVERE.has(severity))) return;
      const lines = await repositories.templateCounts.linesByModel(stream);
      const request = retrainingRequest(model, lines, retraining, nowMs);
      if (!request) return;
      const job = queuedJob(randomUUID(), request, nowMs, 'growth');
      await this.journal.openIn(repositories, job);
      this.logger.log(
        `stream ${stream} is trained again by itself: ${lines.get(model.id)} lines came since its model was made of ${model.metrics.lines}`,
      );
    });
  }
}
