import { randomUUID } from 'node:crypto';
import { QUEUED_PROGRESS, type TrainingJob } from '@logbert/contracts';

/** A job that waits, as specs need one. */
export const newJob = (stream: string, createdAt: number): TrainingJob => ({
  id: randomUUID(),
  stream,
  state: 'queued',
  request: { stream, source: { kind: 'file', path: 'a.log' }, options: {} },
  origin: 'request',
  warning: null,
  progress: QUEUED_PROGRESS,
  history: [],
  attempt: 0,
  lostAttempts: [],
  resumed: null,
  modelId: null,
  error: null,
  createdAt,
  startedAt: null,
  finishedAt: null,
});
