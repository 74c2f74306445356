import { describe, expect, it } from 'vitest';
import type { WindowChannel } from './channel-scores';
import { cauchyCombination, CHANNEL_WEIGHTS, fisherStatistic } from './combination';

describe('fisherStatistic', () => {
  it('adds the evidence of the channels', () => {
    expect(
      fisherStatistic(
        new Map([
          ['rarity', 0.1],
          ['ngram', 0.01],
        ]),
      ),
    ).toBeCloseTo(Math.log(10) + CHANNEL_WEIGHTS.ngram * Math.log(100));
  });

  it('counts a key that is rare and novel once', () => {
    const rare = fisherStatistic(new Map([['rarity', 0.01]]));
    const both = new Map<WindowChannel, number>([
      ['rarity', 0.01],
      ['novelty', 0.1],
    ]);
    expect(fisherStatistic(both)).toBe(rare);
    expect(fisherStatistic(both.set('novelty', 0.001))).toBeGreaterThan(rare);
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

describe('cauchyCombination', () => {
  it('leaves two equal p-values as they are', () => {
    for (const p of [0.9, 0.5, 0.05, 1e-3, 1e-9, 1e-15]) {
      expect(cauchyCombination(p, p) / p).toBeCloseTo(1, 6);
    }
  });

  it('doubles a small one beside one that says nothing', () => {
    expect(cauchyCombination(1e-4, 0.5) / 1e-4).toBeCloseTo(2, 3);
    expect(cauchyCombination(1e-12, 0.5) / 1e-12).toBeCloseTo(2, 3);
  });

  it('is monotone, symmetric and inside (0, 1]', () => {
    expect(cauchyCombination(1, 1)).toBeLessThanOrEqual(1);
    expect(cauchyCombination(Number.MIN_VALUE, 1)).toBeGreaterThan(0);
    expect(cauchyCombination(0.3, 0.01)).toBe(cauchyCombination(0.01, 0.3));
    expect(cauchyCombination(0.01, 0.2)).toBeLessThan(cauchyCombination(0.02, 0.2));
  });
});
