import { randomUUID } from 'node:crypto';
import { LIVE_EVENTS, type SourcePin, type TrainingJob } from '@logbert/contracts';
import type { Database, Repositories } from '@logbert/database';
import { METRICS } from '@logbert/telemetry';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { Meters } from '../metrics/meters';
import { DATABASE } from '../storage/database.token';
import { cancelledJob, isFinished, lostJob, SERVER_LOST, startedJob } from './job-progress';
import { JobTakenFailure } from './training-failures';

const WRITE_EVERY_MS = 500;
/** A process that says nothing for so long is taken for dead, and its jobs are taken up again. */
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

  /** A new job that waits. */
  async open(job: TrainingJob): Promise<void> {
    await this.database.transaction((repositories) => this.openIn(repositories, job));
  }

  /** The same within a transaction. */
  async openIn({ trainingJobs, events }: Repositories, job: TrainingJob): Promise<void> {
    await trainingJobs.create(job);
    await events.append({ type: LIVE_EVENTS.training, data: job });
  }

  /** Takes a queued job for this process; undefined when it is no longer there to be taken. */
  async claim(id: string): Promise<TrainingJob | undefined> {
    // Before it is: whoever looks for running jobs that nobody has must not find it.
    this.claimed.add(id);
    const claimed = await this.change(id, async (queued, { trainingJobs }) => {
      if (queued.state !== 'queued') return undefined;
      const job = startedJob(queued, Date.now());
      await trainingJobs.take(job, this.holder, HELD_FOR_MS);
      return job;
    });
    if (claimed) this.meters.set(METRICS.trainingRunning, this.claimed.size);
    else this.claimed.delete(id);
    return claimed;
  }

  /** Says that this process is at work on the jobs it claimed; gives those that are still its own. */
  async beat(): Promise<ReadonlySet<string>> {
    const { trainingJobs } = this.database.repositories;
    return new Set(await trainingJobs.beat(this.holder, [...this.claimed], HELD_FOR_MS));
  }

  /** Says no more that a job is worked on: if its end could not be written, it is soon taken up again. */
  drop(id: string): void {
    this.forget(id);
    this.claimed.delete(id);
    this.meters.set(METRICS.trainingRunning, this.claimed.size);
  }

  /**
   * Puts the running jobs back whose process is gone, for another attempt; those that have had theirs fail.
   *
   * @param isAlone whether no other process can be at work on this database: then every job of another is such a one
   */
  async takeBack(isAlone: boolean): Promise<void> {
    for (const { id, state } of await this.unfinished()) {
      if (state !== 'running' || this.claimed.has(id)) continue;
      const lost = await this.change(id, async (job, { trainingJobs }) => {
        // Claimed by this process since it was listed: a job that waited for another attempt.
        if (job.state !== 'running' || this.claimed.has(id)) return undefined;
        if (!isAlone && !(await trainingJobs.isAbandoned(id))) return undefined;
        const taken = lostJob(job, SERVER_LOST, Date.now());
        await trainingJobs.release(taken);
        return taken;
      });
      if (lost && isFinished(lost)) this.countEnd(lost);
    }
  }

  /** Ends a job that has not ended by itself; undefined when it has. */
  async cancel(id: string): Promise<TrainingJob | undefined> {
    const cancelled = await this.change(id, async (job, { trainingJobs }) => {
      if (isFinished(job)) return undefined;
      const ended = cancelledJob(job, Date.now());
      await trainingJobs.release(ended);
      return ended;
    });
    if (cancelled) this.countEnd(cancelled);
    return cancelled;
  }

  /**
   * Ends this process's attempt, by the job's end or for another attempt; supersedes progress that waits.
   *
   * @throws JobTakenFailure when the attempt is no longer this process's, or the job was cancelled
   */
  async end(job: TrainingJob): Promise<void> {
    await this.inTurn(job.id, async (repositories) => {
      await this.write(job, repositories);
      await repositories.events.append({ type: LIVE_EVENTS.training, data: job });
    });
    this.ended(job);
  }

  /**
   * Writes the end within the transaction of what belongs to it; `ended` is to be called after it.
   *
   * @throws JobTakenFailure as `end`, so that nothing of the transaction remains
   */
  async write(job: TrainingJob, { trainingJobs }: Repositories): Promise<void> {
    this.forget(job.id);
    if (!(await trainingJobs.saveHeld(job, this.holder))) throw new JobTakenFailure(job.id);
  }

  ended(job: TrainingJob): void {
    if (isFinished(job)) this.countEnd(job);
  }

  /** Keeps what an attempt read for those after it. */
  async keepPin(job: TrainingJob, pin: SourcePin): Promise<void> {
    await this.database.repositories.trainingJobs
      .keepPin(job, this.holder, pin)
      .catch((error: unknown) =>
        this.logger.warn(`what job ${job.id} read was not kept: ${String(error)}`),
      );
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

  private countEnd({ state, startedAt, finishedAt }: TrainingJob): void {
    this.meters.count(METRICS.trainingJobs, { state });
    if (startedAt === null || finishedAt === null) return;
    this.meters.observe(METRICS.trainingSeconds, (finishedAt - startedAt) / 1_000);
  }

  /** Changes a job as it is now, in turn with everybody else who would. */
  private change(
    id: string,
    work: (job: TrainingJob, repositories: Repositories) => Promise<TrainingJob | undefined>,
  ): Promise<TrainingJob | undefined> {
    return this.database.transaction(async (repositories) => {
      const seen = await repositories.trainingJobs.find(id);
      if (!seen) return undefined;
      await repositories.lockStream(seen.stream);
      const present = await repositories.trainingJobs.find(id);
      const job = present && (await work(present, repositories));
      if (job) await repositories.events.append({ type: LIVE_EVENTS.training, data: job });
      return job;
    });
  }

  private forget(id: string): void {
    clearTimeout(this.waiting.get(id)?.timer);
    this.waiting.delete(id);
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
