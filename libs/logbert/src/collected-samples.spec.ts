import { describe, expect, it } from 'vitest';
import { CollectedSamples } from './collected-samples';

const tokens = (...values: number[]) => Int32Array.from(values);

describe('CollectedSamples', () => {
  it('joins equal windows, adds their weights and keeps the order of first occurrence', () => {
    const samples = new CollectedSamples(10);
    for (const window of [tokens(4, 5), tokens(4), tokens(4, 5), tokens(5, 4)]) {
      samples.add(window, 2);
    }
    expect(samples.size).toBe(3);
    expect([0, 1, 2].map((index) => [...samples.tokensOf(index)])).toEqual([[4, 5], [4], [5, 4]]);
    expect([0, 1, 2].map((index) => samples.weightOf(index))).toEqual([4, 2, 2]);
    expect([0, 1, 2].map((index) => samples.lengthOf(index))).toEqual([2, 1, 2]);
  });

  it('keeps the weights of more windows than it had room for', () => {
    const samples = new CollectedSamples(10_000);
    for (const weight of [0.5, 2]) {
      for (let token = 4; token < 10_000; token++) samples.add(tokens(token), weight);
    }
    expect(samples.size).toBe(9_996);
    expect(samples.weightOf(0)).toBe(2.5);
    expect(samples.weightOf(9_995)).toBe(2.5);
    expect(samples.weightOf(9_996)).toBe(0);
  });
});
