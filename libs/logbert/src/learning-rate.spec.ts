import { describe, expect, it } from 'vitest';
import { learningRateAt } from './learning-rate';

describe('learningRateAt', () => {
  it('rises in a straight line to the peak', () => {
    expect([0, 4, 9].map((step) => learningRateAt(step, 100, 1, 0.1))).toEqual([0.1, 0.5, 1]);
  });

  it('falls along half a cosine', () => {
    expect(learningRateAt(55, 100, 2, 0.1)).toBeCloseTo(1, 9);
    expect(learningRateAt(99, 100, 2, 0.1)).toBeLessThan(0.001);
    expect(learningRateAt(99, 100, 2, 0.1)).toBeGreaterThan(0);
  });

  it('stays within bounds for a single step and for a warm-up of everything', () => {
    expect(learningRateAt(0, 1, 1, 0.1)).toBe(1);
    expect(learningRateAt(9, 10, 1, 1)).toBe(1);
  });
});
