import { LIVE_EVENTS, type TrainingJob } from '@logbert/contracts';
import type { Database } from '@logbert/database';
import { METRICS } from '@logbert/telemetry';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { Meters } from '../metrics/meters';
import { DATABASE } from '../storage/database.token';
import { isFinished, startedJob } from './job-progress';

const WRITE_EVERY_MS = 500;

/** Writes jobs to the database and announces them: a change of state at once, progress at intervals. */
@Injectable()
export class JobJournal {
  private readonly logger = new Logger(JobJournal.name);
  private readonly waiting = new Map<string, { job: TrainingJob; timer: NodeJS.Timeout }>();
  private readonly writing = new Map<string, Promise<void>>();
  private readonly claimed = new Set<string>();

  constructor(
    @Inject(DATABASE) private readonly database: Database,
    private readonly meters: Meters,
  ) {
    meters.beforeScrape(async () => {
      const running = (await this.unfinished()).filter(({ state }) => state === 'running');
      meters.set(METRICS.trainingRunning, running.length);
    });
  }

  unfinished(): Promise<readonly TrainingJob[]> {
    return this.database.repositories.trainingJobs.unfinished();
  }

  /** Takes a queued job for this process; undefined when it is no longer there to be taken. */
  async claim(id: string): Promise<TrainingJob | undefined> {
    const claimed = await this.database.transaction(async (repositories) => {
      const seen = await repositories.trainingJobs.find(id);
      if (!seen) return undefined;
      await repositories.lockStream(seen.stream);
      const queued = await repositories.trainingJobs.find(id);
      if (queued?.state !== 'queued') return undefined;
      const job = startedJob(queued, Date.now());
      await repositories.trainingJobs.save(job);
      await repositories.events.append({ type: LIVE_EVENTS.training, data: job });
      return job;
    });
    if (claimed) this.claimed.add(id);
    this.meters.set(METRICS.trainingRunning, this.claimed.size);
    return claimed;
  }

  /** Durable and announced when it resolves; supersedes progress that waits. */
  async record(job: TrainingJob): Promise<void> {
    await this.repeat(job);
    if (isFinished(job)) this.countEnd(job);
  }

  /** Writes and announces an end that was counted before. */
  async repeat(job: TrainingJob): Promise<void> {
    this.forget(job.id);
    await this.write(job);
  }

  /** Durable and announced soon, unless newer progress comes first. */
  note(job: TrainingJob): void {
    this.measure(job);
    const waiting = this.waiting.get(job.id);
    if (waiting) {
      waiting.job = job;
      return;
    }
    const timer = setTimeout(() => {
      const newest = this.waiting.get(job.id)?.job ?? job;
      this.waiting.delete(job.id);
      this.write(newest).catch((error: unknown) =>
        this.logger.warn(`progress of job ${job.id} was not kept: ${String(error)}`),
      );
    }, WRITE_EVERY_MS);
    this.waiting.set(job.id, { job, timer });
  }

  private measure({ stream, progress: { loss, tokensPerSecond } }: TrainingJob): void {
    if (loss !== null) this.meters.set(METRICS.trainingLoss, loss, { stream });
    if (tokensPerSecond !== null) {
      this.meters.set(METRICS.trainingTokensPerSecond, tokensPerSecond, { stream });
    }
  }

  private countEnd({ id, state, startedAt, finishedAt }: TrainingJob): void {
    this.claimed.delete(id);
    this.meters.set(METRICS.trainingRunning, this.claimed.size);
    this.meters.count(METRICS.trainingJobs, { state });
    if (startedAt === null || finishedAt === null) return;
    this.meters.observe(METRICS.trainingSeconds, (finishedAt - startedAt) / 1_000);
  }

  private forget(id: string): void {
    clearTimeout(this.waiting.get(id)?.timer);
    this.waiting.delete(id);
  }

  /** One write of a job after the other, so that an older state never covers a newer one. */
  private write(job: TrainingJob): Promise<void> {
    const before = this.writing.get(job.id) ?? Promise.resolve();
    const write = before
      .catch(() => undefined)
      .then(() =>
        this.database.transaction(async (repositories) => {
          await repositories.trainingJobs.save(job);
          await repositories.events.append({ type: LIVE_EVENTS.training, data: job });
        }),
      );
    this.writing.set(job.id, write);
    const done = () => {
      if (this.writing.get(job.id) === write) this.writing.delete(job.id);
    };
    write.then(done, done);
    return write;
  }
}
