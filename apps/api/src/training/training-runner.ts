import { setTimeout as sleep } from 'node:timers/promises';
import {
  type DatabaseConfig,
  LIVE_EVENTS,
  type ModelMetrics,
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
import { type JobEnd, ModelsService } from '../models/models.service';
import { JobCheckpoints } from './job-checkpoints';
import { JobJournal } from './job-journal';
import {
  failedJob,
  isFinished,
  lostJob,
  resumedJob,
  lossesOf,
  SERVER_STOPPED,
  succeededJob,
  withEpoch,
  withProgress,
} from './job-progress';
import { keepTrying } from './keep-trying';
import type { TrainingChild, TrainingListener } from './training-child';
import { JobTakenFailure, TrainingCrashFailure } from './training-failures';
import { TrainingLauncher } from './training-launcher';

interface RunningJob {
  /** Undefined until the job is claimed. */
  job?: TrainingJob;
  child?: TrainingChild;
  /** Set when only the end has to be recorded. */
  isEnding?: true;
  /** The job as it waits for another attempt, should its process have been lost. */
  again?: TrainingJob;
  /** Set once the job is to stop: somebody asked for it, or it is no longer this process's. */
  reason?: 'cancelled' | 'shutdown' | 'lost';
}

/** A heartbeat of the running jobs, and a look after those of processes that are gone. */
const BEAT_EVERY_MS = 4_000;
const SWEEP_EVERY_MS = 3_600_000;
/** After the first loss, where a service was away, and twice that after the second. */
const REST_MS = 20_000;

/**
 * Runs the queued jobs, as many at once as configured. Jobs and their cancellation arrive by the outbox. A job whose process
 * is lost waits again, for this trainer or another one, and goes on from its checkpoint.
 */
@Injectable()
export class TrainingRunner implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Training');
  private readonly queue: string[] = [];
  private readonly running = new Map<string, RunningJob>();
  private readonly ends = new Set<Promise<void>>();
  private subscription: Subscription | undefined;
  private readonly closing = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private sweeper: NodeJS.Timeout | undefined;
  private beating: Promise<void> | undefined;
  /** The embedded database has one process. */
  private readonly isAlone: boolean;

  constructor(
    @Inject(TRAINING_CONFIG) private readonly config: TrainingConfig,
    private readonly journal: JobJournal,
    private readonly launcher: TrainingLauncher,
    private readonly models: ModelsService,
    private readonly checkpoints: JobCheckpoints,
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
    const sweep = () => void this.checkpoints.sweep(() => this.journal.unfinished());
    sweep();
    this.sweeper = setInterval(sweep, SWEEP_EVERY_MS);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.closing.abort();
    clearInterval(this.timer);
    clearInterval(this.sweeper);
    await this.beating;
    this.subscription?.unsubscribe();
    for (const run of this.running.values()) {
      run.reason = 'shutdown';
      run.child?.cancel();
    }
    await Promise.all(this.ends);
  }

  private async beat(): Promise<void> {
    // Of a job that is claimed while the answer is on its way, the answer says nothing.
    const working = [...this.running].filter(([, { job }]) => job !== undefined);
    const held = working.length > 0 ? await this.journal.beat() : new Set<string>();
    for (const [id, run] of working) {
      if (run.reason || held.has(id) || run.isEnding) continue;
      this.logger.warn(`job ${id} is no longer this process's; it is stopped`);
      run.reason = 'lost';
      run.child?.cancel();
    }
    await this.lookAround();
  }

  /** Jobs of processes that are gone wait again, and those that wait are taken. */
  private async lookAround(): Promise<void> {
    await this.journal.takeBack(this.isAlone);
    for (const job of await this.journal.unfinished()) if (job.state === 'queued') this.notice(job);
  }

  private notice(job: TrainingJob): void {
    if (job.state === 'queued') {
      if (this.queue.includes(job.id) || this.running.has(job.id)) return;
      this.queue.push(job.id);
      this.startNext();
      return;
    }
    const run = this.running.get(job.id);
    // Also of jobs that waited for another attempt, and of those of a trainer that did not live to clear up.
    if (!run && isFinished(job) && job.attempt > 0) void this.checkpoints.remove(job.id);
    if (job.state !== 'cancelled' || !run || run.reason) return;
    run.reason = 'cancelled';
    run.child?.cancel();
  }

  private startNext(): void {
    while (!this.closing.signal.aborted && this.running.size < this.config.concurrency) {
      const id = this.queue.shift();
      if (id === undefined) return;
      const end = this.run(id)
        .catch((error: unknown) => this.logger.error(error))
        .finally(() => {
          const again = this.running.get(id)?.again;
          this.ends.delete(end);
          this.running.delete(id);
          this.journal.drop(id);
          if (again) this.notice(again);
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
    this.logger.log(`Training on "${job.stream}" begins (job ${id}, attempt ${job.attempt}).`);
    try {
      const { modelId, child } = await this.launcher.launch(job, this.listenerOf(run, job));
      run.child = child;
      if (run.reason) child.cancel();
      const metrics = await child.result;
      run.isEnding = true;
      await this.succeed(run, run.job ?? job, { modelId, metrics });
    } catch (error) {
      await this.recordEnd(run, run.job ?? job, error);
    }
  }

  private listenerOf(run: RunningJob, job: TrainingJob): TrainingListener {
    const { id } = job;
    return {
      onProgress: (progress) => this.update(run, (known) => withProgress(known, progress)),
      onEpoch: (epoch) => this.update(run, (known) => withEpoch(known, epoch)),
      onPinned: (pin) => void this.journal.keepPin(job, pin),
      onResumed: (resumption, history) => {
        this.update(run, (known) => resumedJob(known, resumption, history));
        const { epoch, refusal } = resumption;
        if (refusal === null) this.logger.log(`job ${id} is resumed at epoch ${epoch}`);
        else this.logger.warn(`job ${id} trains anew: ${refusal}`);
      },
      onNotice: (text) => this.logger.warn(`job ${id}: ${text}`),
    };
  }

  private async succeed(
    run: RunningJob,
    job: TrainingJob,
    { modelId, metrics }: { readonly modelId: string; readonly metrics: ModelMetrics },
  ): Promise<void> {
    const { id: jobId, stream } = job;
    const now = Date.now();
    const warning = warningOf(metrics);
    const succeeded = succeededJob(job, { modelId, warning }, now);
    const model = { id: modelId, stream, jobId, metrics, createdAt: now };
    const jobEnd: JobEnd = {
      job: succeeded,
      write: (repositories) => this.journal.write(succeeded, repositories),
    };
    const register = async () => {
      if (run.reason === 'cancelled' || run.reason === 'lost') throw new JobTakenFailure(jobId);
      await this.models.register(model, jobEnd);
    };
    await keepTrying('registering the model', register, {
      signal: this.closing.signal,
      tell: (notice) => this.logger.warn(`job ${jobId}: ${notice}`),
    });
    this.journal.ended(succeeded);
    await this.checkpoints.remove(jobId);
    this.logger.log(`Training on "${stream}" is done in ${metrics.trainingSeconds.toFixed(1)} s.`);
    if (warning !== null) this.logger.warn(`Training on "${stream}": ${warning}`);
  }

  private update(run: RunningJob, change: (job: TrainingJob) => TrainingJob): void {
    if (!run.job || run.reason) return;
    run.job = change(run.job);
    this.journal.note(run.job);
  }

  private async recordEnd(run: RunningJob, job: TrainingJob, error: unknown): Promise<void> {
    if (!(error instanceof Failure)) this.logger.error(error);
    const ended = endedJob(job, run.reason, error, Date.now());
    if (isAway(error) && !isFinished(ended) && !run.reason) await this.rest(lossesOf(ended));
    try {
      // Whoever took it or cancelled it has said so.
      if (run.reason === 'lost' || run.reason === 'cancelled') throw new JobTakenFailure(job.id);
      run.isEnding = true;
      await this.journal.end(ended);
      if (!isFinished(ended)) run.again = ended;
      this.tellEnd(ended);
    } catch (failure) {
      if (!(failure instanceof JobTakenFailure)) throw failure;
      if (run.reason !== 'cancelled') return;
    }
    if (run.reason === 'cancelled' || isFinished(ended)) await this.checkpoints.remove(job.id);
  }

  private tellEnd(ended: TrainingJob): void {
    const { id, stream, error, lostAttempts } = ended;
    if (error) this.logger.warn(`Training on "${stream}" failed: ${error.message}`);
    else {
      const why = lostAttempts.at(-1)?.reason.message;
      this.logger.warn(`job ${id} waits for another attempt: ${why}`);
    }
  }

  /** A service that is away is not back in the same second. */
  private async rest(losses: number): Promise<void> {
    const { signal } = this.closing;
    await sleep(REST_MS * losses, undefined, { signal }).catch(() => undefined);
  }
}

/**
 * A process that was lost is no answer, and a service that was away is none either: the job waits for another attempt.
 * What a process says of its failure is one.
 */
function endedJob(
  job: TrainingJob,
  reason: RunningJob['reason'],
  error: unknown,
  nowMs: number,
): TrainingJob {
  if (reason === 'shutdown') return lostJob(job, SERVER_STOPPED, nowMs);
  const code = error instanceof Failure ? error.code : 'training/error';
  const message = error instanceof Error ? error.message : String(error);
  const isLost = error instanceof TrainingCrashFailure || isAway(error);
  return isLost ? lostJob(job, { code, message }, nowMs) : failedJob(job, { code, message }, nowMs);
}

function warningOf({ divergence, epochs }: ModelMetrics): string | null {
  if (!divergence) return null;
  const { quantity, step } = divergence;
  return (
    `The ${quantity} of step ${step} was not a finite number, so that training ended there: the model is the best of the first ${epochs} ` +
    'epochs. With a lower training.learningRate it may come further.'
  );
}

function isAway(error: unknown): boolean {
  return error instanceof Failure && error.retriable && !(error instanceof TrainingCrashFailure);
}
