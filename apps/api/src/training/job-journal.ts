import { randomUUID } from 'node:crypto';
import { LIVE_EVENTS, type TrainingJob } from '@logbert/contracts';
import type { Database, Repositories } from '@logbert/database';
import { METRICS } from '@logbert/telemetry';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { Meters } from '../metrics/meters';
import { DATABASE } from '../storage/database.token';
import { failedJob, INTERRUPTED, isFinished, startedJob } from './job-progress';

const WRITE_EVERY_MS = 500;
/** A process that says nothing for so long is taken for dead, and its jobs for interrupted. */
const HELD_FOR_MS = 20_000;

/** Writes jobs to the database and announces them: a change of state at once, progress at intervals. */
@Injectable()
export class JobJournal {
  private readonly logger = new Logger(JobJournal.name);
  private readonly waiting = new Map<string, { job: TrainingJob; timer: NodeJS.Timeout }>();
  private readonly writing = new Map<string, Promise<void>>();
  private readonly claimed = new Set<string>();
  /** This process among those that may work on jobs. */
  private readonly holder = randomUUID();

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
      await repositories.trainingJobs.hold(id, this.holder, HELD_FOR_MS);
      await repositories.events.append({ type: LIVE_EVENTS.training, data: job });
      return job;
    });
    if (claimed) this.claimed.add(id);
    this.meters.set(METRICS.trainingRunning, this.claimed.size);
    return claimed;
  }

  /** Says that this process is alive; gives the running jobs that it still has. */
  async beat(): Promise<ReadonlySet<string>> {
    return new Set(await this.database.repositories.trainingJobs.beat(this.holder, HELD_FOR_MS));
  }

  /**
   * Fails the running jobs whose process is gone.
   *
   * @param isAlone whether no other process can be at work on this database: then every job of another is such a one
   */
  async failAbandoned(isAlone: boolean): Promise<void> {
    for (const { id, stream, state } of await this.unfinished()) {
      if (state !== 'running' || this.claimed.has(id)) continue;
      const failed = await this.database.transaction(async (repositories) => {
        await repositories.lockStream(stream);
        const job = await repositories.trainingJobs.find(id);
        if (job?.state !== 'running') return undefined;
        if (!isAlone && !(await repositories.trainingJobs.isAbandoned(id))) return undefined;
        const ended = failedJob(job, INTERRUPTED, Date.now());
        await repositories.trainingJobs.save(ended);
        await repositories.events.append({ type: LIVE_EVENTS.training, data: ended });
        return ended;
      });
      if (failed) this.countEnd(failed);
    }
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
      this.writeHeld(newest).catch((error: unknown) =>
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

  private write(job: TrainingJob): Promise<void> {
    return this.inTurn(job.id, async (repositories) => {
      await repositories.trainingJobs.save(job);
      await repositories.events.append({ type: LIVE_EVENTS.training, data: job });
    });
  }

  /** Progress of a job that was cancelled, or taken for interrupted, meanwhile is of no interest any more. */
  private writeHeld(job: TrainingJob): Promise<void> {
    return this.inTurn(job.id, async (repositories) => {
      if (!(await repositories.trainingJobs.saveHeld(job, this.holder))) return;
      await repositories.events.append({ type: LIVE_EVENTS.training, data: job });
    });
  }

  /** One write of a job after the other, so that an older state never covers a newer one. */
  private inTurn(id: string, work: (repositories: Repositories) => Promise<void>): Promise<void> {
    const before = this.writing.get(id) ?? Promise.resolve();
    const write = before.catch(() => undefined).then(() => this.database.transaction(work));
    this.writing.set(id, write);
    const done = () => {
      if (this.writing.get(id) === write) this.writing.delete(id);
    };
    write.then(done, done);
    return write;
  }
}
