import type { TrainingJob } from '@logbert/contracts';
import { describe, expect, it } from 'vitest';
import {
  lostJob,
  MOST_ATTEMPTS,
  queuedJob,
  resumedJob,
  SERVER_LOST,
  SERVER_STOPPED,
  startedJob,
  withEpoch,
} from './job-progress';

const source = { kind: 'file', path: 'a.log' } as const;

describe('lostJob', () => {
  it('says of each attempt how far it came itself', () => {
    const first = startedJob(queuedJob('j', { stream: 's', source, options: {} }, 1), 2);
    const trained = withEpoch(first, { epoch: 1, loss: 0.5, validationLoss: null });
    const second = startedJob(lostJob(trained, SERVER_LOST, 3), 4);
    expect(second.history).toHaveLength(1);

    const whileReading = lostJob(second, SERVER_LOST, 5);
    expect(whileReading.lostAttempts.map(({ epoch }) => epoch)).toEqual([1, 0]);

    const resumed = resumedJob(second, { epoch: 1, refusal: null }, second.history);
    const whileTraining = lostJob(resumed, SERVER_LOST, 5);
    expect(whileTraining.lostAttempts.map(({ epoch }) => epoch)).toEqual([1, 1]);
  });

  const end = (job: TrainingJob, reason: typeof SERVER_LOST, epoch = 0): TrainingJob => {
    const resumed = resumedJob(startedJob(job, 2), { epoch: 0, refusal: null }, job.history);
    const trained =
      epoch === 0 ? resumed : withEpoch(resumed, { epoch, loss: 0.5, validationLoss: null });
    return lostJob(trained, reason, 3);
  };
  const queued = queuedJob('j', { stream: 's', source, options: {} }, 1);

  it('gives a job up after as many losses as it may have, and counts no orderly stop of one that comes further', () => {
    let job = queued;
    for (let epoch = 1; epoch <= 2 * MOST_ATTEMPTS; epoch++) job = end(job, SERVER_STOPPED, epoch);
    for (let loss = 1; loss < MOST_ATTEMPTS; loss++) job = end(job, SERVER_LOST);
    expect(job).toMatchObject({ state: 'queued', error: null });

    job = end(job, SERVER_LOST);
    expect(job).toMatchObject({ state: 'failed', error: { code: SERVER_LOST.code } });
    expect(job.error?.message).toContain(`${MOST_ATTEMPTS} of ${3 * MOST_ATTEMPTS} attempts`);
  });

  it('gives up a job that never comes further before its server stops', () => {
    let job = queued;
    for (let stop = 0; stop < MOST_ATTEMPTS; stop++) {
      expect(job.state).toBe('queued');
      job = end(job, SERVER_STOPPED);
    }
    expect(job).toMatchObject({ state: 'failed', error: { code: SERVER_STOPPED.code } });
  });
});
