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

  it('gives a job up after as many losses as it may have, and after no number of orderly stops', () => {
    let job = queuedJob('j', { stream: 's', source, options: {} }, 1);
    const end = (reason: typeof SERVER_LOST): void => {
      job = lostJob(startedJob(job, 2), reason, 3);
    };
    for (let stop = 0; stop < 2 * MOST_ATTEMPTS; stop++) end(SERVER_STOPPED);
    for (let loss = 1; loss < MOST_ATTEMPTS; loss++) end(SERVER_LOST);
    end(SERVER_STOPPED);
    expect(job).toMatchObject({ state: 'queued', error: null });

    end(SERVER_LOST);
    expect(job).toMatchObject({ state: 'failed', error: { code: SERVER_LOST.code } });
    expect(job.error?.message).toContain(`after ${MOST_ATTEMPTS} attempts`);
  });
});
