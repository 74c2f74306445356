import { randomUUID } from 'node:crypto';
import type { Model, TrainingConfig } from '@logbert/contracts';
import type { Database, Repositories } from '@logbert/database';
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
import { isDecidedByHand, isTooSoon, isTroubled, retrainingRequest } from './retraining-request';

const LOOK_EVERY_MS = 600_000;
/** Jobs and incidents of a stream that are looked at, newest first. */
const LATEST_JOBS = 20;
const LATEST_INCIDENTS = 200;

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
      try {
        if (await this.isDue(model, nowMs)) await this.queue(model, nowMs);
      } catch (error) {
        this.logger.warn(`stream ${model.stream} was not trained again: ${String(error)}`);
      }
    }
  }

  private async isDue(
    model: Model,
    nowMs: number,
    { models, trainingJobs, incidents }: Repositories = this.database.repositories,
  ): Promise<boolean> {
    const { stream } = model;
    const { retraining } = this.config;
    if (isTooSoon(model, [], retraining, nowMs)) return false;
    const jobs = (await trainingJobs.list({ limit: LATEST_JOBS }, stream)).items;
    if (jobs.some((job) => !isFinished(job))) return false;
    if (isTooSoon(model, jobs, retraining, nowMs)) return false;
    const [newest] = (await models.list({ stream, page: { limit: 1 } })).items;
    if (isDecidedByHand(model, newest)) return false;
    const latest = await incidents.list({ stream, page: { limit: LATEST_INCIDENTS } });
    return !isTroubled([...(await incidents.open(stream)), ...latest.items], retraining, nowMs);
  }

  /** One process of several does; what is dear is reckoned before the stream is locked. */
  private async queue(model: Model, nowMs: number): Promise<void> {
    const { id, stream, metrics } = model;
    const { retraining } = this.config;
    const { templateCounts } = this.database.repositories;
    const lines = await templateCounts.linesByModel(stream);
    // Lines are read by when they were received; what they tell themselves may be hours off, but not how long they took.
    const fromMs = nowMs - (await templateCounts.spanOfLast(stream, retraining.lines));
    const request = retrainingRequest(model, lines, retraining, { fromMs, nowMs });
    if (!request) return;
    await this.database.transaction(async (repositories) => {
      await repositories.lockStream(stream);
      const active = await repositories.models.active(stream);
      if (active?.id !== id || !(await this.isDue(active, nowMs, repositories))) return;
      await this.journal.openIn(repositories, queuedJob(randomUUID(), request, nowMs, 'growth'));
      this.logger.log(
        `stream ${stream} is trained again by itself: ${lines.get(id)} lines came since its model was made of ${metrics.lines}`,
      );
    });
  }
}
