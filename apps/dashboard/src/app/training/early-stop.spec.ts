import type { TrainingJob } from '@logbert/contracts';
import { describe, expect, it } from 'vitest';
import { buildJob } from '../../testing/samples';
import { earlyStopText } from './early-stop';

const job = (state: TrainingJob['state'], ...losses: number[]) => {
  const history = losses.map((loss, index) => ({
    epoch: index + 1,
    loss,
    validationLoss: loss,
  }));
  return buildJob({ state, history });
};

describe('earlyStopText', () => {
  it('names the epoch after which the validation loss fell no further', () => {
    expect(earlyStopText(job('succeeded', 3, 1, 2))).toBe(
      'Stopped early: the validation loss fell no further after epoch 2.',
    );
  });

  it('says nothing of a job that trained all of its epochs', () => {
    expect(earlyStopText(job('succeeded', 4, 3, 2, 1))).toBeUndefined();
  });

  it('says nothing of a job that is under way, was cancelled or trained no epoch', () => {
    expect(earlyStopText(job('running', 1, 2))).toBeUndefined();
    expect(earlyStopText(job('cancelled', 1, 2))).toBeUndefined();
    expect(earlyStopText(job('succeeded'))).toBeUndefined();
  });
});
