import type { EpochLoss, TrainingJob, TrainingProgress, TrainingRequest } from '@logbert/contracts';

export const INTERRUPTED = {
  code: 'training/interrupted',
  message: 'The server stopped while the job ran. Start the job again.',
};

/** A job that waits for its turn. */
export function queuedJob(id: string, request: TrainingRequest, nowMs: number): TrainingJob {
  return {
    id,
    stream: request.stream,
    state: 'queued',
    request,
    progress: {
      stage: 'queued',
      share: 0,
      lines: 0,
      templates: 0,
      windows: 0,
      epoch: 0,
      epochs: 0,
      loss: null,
      validationLoss: null,
      tokensPerSecond: null,
      etaSeconds: null,
    },
    history: [],
    modelId: null,
    error: null,
    createdAt: nowMs,
    startedAt: null,
    finishedAt: null,
  };
}

export function startedJob(job: TrainingJob, nowMs: number): TrainingJob {
  return { ...job, state: 'running', startedAt: nowMs };
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

export function succeededJob(job: TrainingJob, modelId: string, nowMs: number): TrainingJob {
  const progress = { ...job.progress, stage: 'done' as const, share: 1, etaSeconds: 0 };
  return { ...job, state: 'succeeded', modelId, progress, finishedAt: nowMs };
}

export function failedJob(
  job: TrainingJob,
  error: { readonly code: string; readonly message: string },
  nowMs: number,
): TrainingJob {
  return { ...job, state: 'failed', error, finishedAt: nowMs };
}

export function cancelledJob(job: TrainingJob, nowMs: number): TrainingJob {
  return { ...job, state: 'cancelled', finishedAt: nowMs };
}

export function isFinished({ state }: TrainingJob): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'cancelled';
}
