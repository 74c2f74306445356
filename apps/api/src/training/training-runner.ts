import {
  type DatabaseConfig,
  LIVE_EVENTS,
  type TrainingConfig,
  type TrainingJob,
} from '@logbert/contracts';
import { Failure } from '@logbert/failure';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import type { Subscription } from 'rxjs';
import { DATABASE_CONFIG, TRAINING_CONFIG } from '../config/config.module';
import { Outbox } from '../live/outbox';
import { ModelsService } from '../models/models.service';
import { JobJournal } from './job-journal';
import {
  cancelledJob,
  failedJob,
  INTERRUPTED,
  succeededJob,
  withEpoch,
  withProgress,
} from './job-progress';
import type { TrainingChild } from './training-child';
import { TrainingLauncher } from './training-launcher';

interface RunningJob {
  /** Undefined until the job is claimed. */
  job?: TrainingJob;
  child?: TrainingChild;
  /** Set when only the end has to be recorded. */
  isEnding?: true;
  /** Set once the job is to stop: somebody asked for it, or it is no longer this process's. */
  reason?: 'cancelled' | 'shutdown' | 'lost';
}

/** A heartbeat of the running jobs, and a look after those of processes that are gone. */
const BEAT_EVERY_MS = 4_000;

/** Runs the queued jobs, as many at once as configured. Jobs and their cancellation arrive by the outbox. */
@Injectable()
export class TrainingRunner implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Training');
  private readonly queue: string[] = [];
  private readonly running = new Map<string, RunningJob>();
  private readonly ends = new Set<Promise<void>>();
  private subscription: Subscription | undefined;
  private isClosing = false;
  private timer: NodeJS.Timeout | undefined;
  private beating: Promise<void> | undefined;
  /** The embedded database has one process. */
  private readonly isAlone: boolean;

  constructor(
    @Inject(TRAINING_CONFIG) private readonly config: TrainingConfig,
    private readonly journal: JobJournal,
    private readonly launcher: TrainingLauncher,
    private readonly models: ModelsService,
    private readonly outbox: Outbox,
    @Inject(DATABASE_CONFIG) { url }: DatabaseConfig,
  ) {
    this.isAlone = url === null;
  }

  async onApplicationBootstrap(): Promise<void> {
    this.subscription = this.outbox.events.subscribe(({ event }) => {
      if (event.type === LIVE_EVENTS.training) this.notice(event.data);
    });
    await this.lookAround();
    this.timer = setInterval(() => {
      this.beating ??= this.beat()
        .catch((error: unknown) => this.logger.warn(`no heartbeat: ${String(error)}`))
        .finally(() => (this.beating = undefined));
    }, BEAT_EVERY_MS);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isClosing = true;
    clearInterval(this.timer);
    await this.beating;
    this.subscription?.unsubscribe();
    for (const run of this.running.values()) {
      run.reason = 'shutdown';
      run.child?.cancel();
    }
    await Promise.all(this.ends);
  }

  private async beat(): Promise<void> {
    const held = this.running.size > 0 ? await this.journal.beat() : new Set<string>();
    for (const [id, run] of this.running) {
      if (!run.job || run.reason || held.has(id) || run.isEnding) continue;
      this.logger.warn(`job ${id} is no longer this process's; it is stopped`);
      run.reason = 'lost';
      run.child?.cancel();
    }
    await this.lookAround();
  }

  /** Jobs of processes that are gone are failed, and those that nobody has begun are taken. */
  private async lookAround(): Promise<void> {
    await this.journal.failAbandoned(this.isAlone);
    for (const job of await this.journal.unfinished()) if (job.state === 'queued') this.notice(job);
  }

  private notice(job: TrainingJob): void {
    if (job.state === 'queued') {
      if (this.queue.includes(job.id) || this.running.has(job.id)) return;
      this.queue.push(job.id);
      this.startNext();
    } else if (job.state === 'cancelled') {
      const run = this.running.get(job.id);
      if (!run || run.reason) return;
      run.reason = 'cancelled';
      run.child?.cancel();
    }
  }

  private startNext(): void {
    while (!this.isClosing && this.running.size < this.config.concurrency) {
      const id = this.queue.shift();
      if (id === undefined) return;
      const end = this.run(id)
        .catch((error: unknown) => this.logger.error(error))
        .finally(() => {
          this.ends.delete(end);
          this.running.delete(id);
          this.startNext();
        });
      this.ends.add(end);
    }
  }

  private async run(id: string): Promise<void> {
    // Taken before the first wait, so that the loop above counts it.
    const run: RunningJob = {};
    this.running.set(id, run);
    const job = await this.journal.claim(id);
    if (!job) return;
    run.job = job;
    this.logger.log(`Training on "${job.stream}" begins (job ${id}).`);
    try {
      const { modelId, child } = await this.launcher.launch(job, {
        onProgress: (progress) => this.update(run, (known) => withProgress(known, progress)),
        onEpoch: (epoch) => this.update(run, (known) => withEpoch(known, epoch)),
      });
      run.child = child;
      if (run.reason) child.cancel();
      const metrics = await child.result;
      run.isEnding = true;
      const { stream, id: jobId } = job;
      await this.models.register({ id: modelId, stream, jobId, metrics, createdAt: Date.now() });
      await this.journal.record(succeededJob(run.job ?? job, modelId, Date.now()));
      this.logger.log(
        `Training on "${stream}" is done in ${metrics.trainingSeconds.toFixed(1)} s.`,
      );
    } catch (error) {
      await this.recordEnd(run.job ?? job, run.reason, error);
    }
  }

  private update(run: RunningJob, change: (job: TrainingJob) => TrainingJob): void {
    if (!run.job || run.reason) return;
    run.job = change(run.job);
    this.journal.note(run.job);
  }

  private async recordEnd(
    job: TrainingJob,
    reason: RunningJob['reason'],
    error: unknown,
  ): Promise<void> {
    const now = Date.now();
    // Whoever took it for interrupted has said so.
    if (reason === 'lost') return;
    if (reason === 'shutdown') return this.journal.record(failedJob(job, INTERRUPTED, now));
    // Recorded and counted when it was asked for; progress may have been written over it since.
    if (reason === 'cancelled') return this.journal.repeat(cancelledJob(job, now));
    if (!(error instanceof Failure)) this.logger.error(error);
    const code = error instanceof Failure ? error.code : 'training/error';
    const message = error instanceof Error ? error.message : String(error);
    this.logger.warn(`Training on "${job.stream}" failed: ${message}`);
    await this.journal.record(failedJob(job, { code, message }, now));
  }
}
