import {
  type EpochLoss,
  QUEUED_PROGRESS,
  type Resumption,
  type TrainingJob,
  type TrainingProgress,
  type TrainingRequest,
} from '@logbert/contracts';

/** So many processes that work on a job may be lost; then the job is at fault. */
export const MOST_ATTEMPTS = 3;

/** Why an attempt was lost, or a job failed. */
export interface Reason {
  readonly code: string;
  readonly message: string;
}

export const SERVER_STOPPED: Reason = {
  code: 'training/stopped',
  message: 'The server was stopped while the job ran.',
};

export const SERVER_LOST: Reason = {
  code: 'training/interrupted',
  message: 'The server ended, or was not heard of any more, while the job ran.',
};

/** A job that waits for its turn. */
export function queuedJob(
  id: string,
  request: TrainingRequest,
  nowMs: number,
  origin: TrainingJob['origin'] = 'request',
): TrainingJob {
  return {
    id,
    stream: request.stream,
    state: 'queued',
    request,
    origin,
    progress: QUEUED_PROGRESS,
    history: [],
    attempt: 0,
    lostAttempts: [],
    resumed: null,
    modelId: null,
    warning: null,
    error: null,
    createdAt: nowMs,
    startedAt: null,
    finishedAt: null,
  };
}

/** Begins the next attempt; what the one before came to is shown until this one knows better. */
export function startedJob(job: TrainingJob, nowMs: number): TrainingJob {
  return {
    ...job,
    state: 'running',
    attempt: job.attempt + 1,
    resumed: null,
    startedAt: job.startedAt ?? nowMs,
  };
}

/** A job whose process was lost, or stopped, waits for another one, unless it has lost as many as it may. */
export function lostJob(job: TrainingJob, reason: Reason, nowMs: number): TrainingJob {
  const { attempt, history, progress, resumed } = job;
  // Until it begins to train, what is shown is of the attempt before.
  const hasOwnHistory = attempt === 1 || resumed !== null;
  const epoch = (hasOwnHistory ? history.at(-1)?.epoch : undefined) ?? 0;
  const lostAttempts = [...job.lostAttempts, { attempt, reason, epoch, lostAt: nowMs }];
  const lost = { ...job, lostAttempts };
  const losses = lossesOf(lost);
  if (losses >= MOST_ATTEMPTS) {
    const message = `Given up: the processes of ${losses} of ${attempt} attempts were lost. The last one: ${reason.message}`;
    return failedJob(lost, { code: reason.code, message }, nowMs);
  }
  const waiting = { stage: 'queued', share: 0, tokensPerSecond: null, etaSeconds: null } as const;
  return { ...lost, state: 'queued', progress: { ...progress, ...waiting } };
}

/**
 * Attempts that count against a job. One whose server was stopped in order does not, if it came further than those before it: a
 * job that a server cannot bear would otherwise be taken up for ever.
 */
export function lossesOf({ lostAttempts }: Pick<TrainingJob, 'lostAttempts'>): number {
  let losses = 0;
  let furthest = 0;
  for (const { reason, epoch } of lostAttempts) {
    if (reason.code !== SERVER_STOPPED.code || epoch <= furthest) losses++;
    furthest = Math.max(furthest, epoch);
  }
  return losses;
}

/** @param history of the epochs taken over: what was told of later ones is to be done again */
export function resumedJob(
  job: TrainingJob,
  resumed: Resumption,
  history: readonly EpochLoss[],
): TrainingJob {
  return { ...job, resumed, history };
}

export function withProgress(job: TrainingJob, progress: TrainingProgress): TrainingJob {
  return { ...job, progress };
}

/** An epoch reported again replaces itself. */
export function withEpoch(job: TrainingJob, epoch: EpochLoss): TrainingJob {
  return {
    ...job,
    history: [...job.history.filter((known) => known.epoch !== epoch.epoch), epoch],
  };
}

export function succeededJob(
  job: TrainingJob,
  { modelId, warning }: { readonly modelId: string; readonly warning: string | null },
  nowMs: number,
): TrainingJob {
  const progress = { ...job.progress, stage: 'done' as const, share: 1, etaSeconds: 0 };
  return { ...job, state: 'succeeded', modelId, warning, progress, finishedAt: nowMs };
}

export function failedJob(job: TrainingJob, error: Reason, nowMs: number): TrainingJob {
  return { ...job, state: 'failed', error, finishedAt: nowMs };
}

export function cancelledJob(job: TrainingJob, nowMs: number): TrainingJob {
  return { ...job, state: 'cancelled', finishedAt: nowMs };
}

export function isFinished({ state }: TrainingJob): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'cancelled';
}
