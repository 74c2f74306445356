import { describe, expect, it } from 'vitest';
import { fisherStatistic } from './combination';

describe('fisherStatistic', () => {
  it('adds the evidence of the channels', () => {
    expect(
      fisherStatistic(
        new Map([
          ['rarity', 0.1],
          ['ngram', 0.01],
        ]),
      ),
    ).toBeCloseTo(Math.log(1_000));
  });

  it('is 0 without a channel', () => {
    expect(fisherStatistic(new Map())).toBe(0);
  });

  it('does not let entropy speak louder than the rest', () => {
    expect(
      fisherStatistic(
        new Map([
          ['entropy', 1e-9],
          ['rarity', 1],
        ]),
      ),
    ).toBe(0);
  });
});
