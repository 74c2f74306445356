import { describe, expect, it } from 'vitest';
import { lostJob, queuedJob, resumedJob, SERVER_LOST, startedJob, withEpoch } from './job-progress';

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
});
