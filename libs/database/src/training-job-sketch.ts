import { randomUUID } from 'node:crypto';
import type { TrainingJob } from '@logbert/contracts';

/** A job that waits, as specs need one. */
export const newJob = (stream: string, createdAt: number): TrainingJob => ({
  id: randomUUID(),
  stream,
  state: 'queued',
  request: { stream, source: { kind: 'file', path: 'a.log' }, options: {} },
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
  attempt: 0,
  lostAttempts: [],
  resumed: null,
  modelId: null,
  error: null,
  createdAt,
  startedAt: null,
  finishedAt: null,
});
