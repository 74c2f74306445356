import { describe, expect, it } from 'vitest';
import { poissonPValue } from './poisson';

describe('poissonPValue', () => {
  // Reference: exact sums of the Poisson distribution.
  it.each([
    [0, 3, 2 * Math.exp(-3)],
    [5, 5, 1],
    [12, 4, 2 * 9.1523e-4],
    [1, 10, 2 * 11 * Math.exp(-10)],
  ])('of %d at a mean of %d', (count, mean, expected) => {
    expect(poissonPValue(count, mean)).toBeCloseTo(expected, 5);
  });

  it('stays above 0 and below 1 far out', () => {
    expect(poissonPValue(5_000, 1)).toBeGreaterThan(0);
    expect(poissonPValue(0, 5_000)).toBeGreaterThan(0);
    expect(poissonPValue(0, 1e-9)).toBe(1);
  });

  it('keeps its precision in the upper tail', () => {
    // P(X >= 40), mean 5, summed term by term.
    let term = Math.exp(-5);
    let sum = 0;
    for (let k = 1; k < 200; k++) {
      term *= 5 / k;
      if (k >= 40) sum += term;
    }
    expect(poissonPValue(40, 5) / (2 * sum)).toBeCloseTo(1, 6);
  });
});
