import { describe, expect, it } from 'vitest';
import { ratioOf } from './model-runs';

describe('ratioOf', () => {
  it('is the median of the ratios of the rounds, not the ratio of the medians', () => {
    // The second round was made on a busy machine: it slows both.
    const rounds = { ours: [30, 3, 28], theirs: [10, 2, 14] };
    expect(ratioOf(rounds, 'ours', 'theirs')).toBe(2);
  });

  it('is no number without a peer', () => {
    expect(ratioOf({ ours: [1] }, 'ours', 'theirs')).toBeNaN();
  });
});
