import { DistinctWindows } from '@logbert/sequences';
import { describe, expect, it } from 'vitest';
import type { SequenceSizes } from './architecture';
import { WindowFailure } from './logbert-failures';
import type { SampleSet } from './sample-set';
import { collectSamples, shareSamples } from './training-samples';
import { SharedSamples, type WeightedWindows } from './weighted-windows';

const tokens = (...values: number[]) => Int32Array.from(values);

/** Kept beside others, and in another order than they came. */
function keep(...windows: readonly Int32Array[]): WeightedWindows {
  const kept = new DistinctWindows(10);
  for (const window of [...windows].reverse()) kept.add(window);
  kept.add(tokens(9, 9, 9));
  return {
    windows: kept,
    ids: Uint32Array.from(windows, (window) => kept.add(window)),
    weights: Uint32Array.from(windows, (_, index) => 1 + index),
  };
}

const listOf = (samples: SampleSet) =>
  Array.from({ length: samples.size }, (_, index) => ({
    tokens: [...samples.tokensOf(index)],
    length: samples.lengthOf(index),
    weight: samples.weightOf(index),
  }));

const windows = [tokens(4, 5), tokens(4), tokens(5, 6, 7, 8), tokens(3, 4, 5)];

describe('shareSamples', () => {
  it.each<[string, SequenceSizes]>([
    ['no ends', { vocabularySize: 10, maxLength: 5 }],
    ['ends', { vocabularySize: 10, maxLength: 5, sessionsCutAt: 4 }],
    ['windows that are too long', { vocabularySize: 10, maxLength: 4, sessionsCutAt: 3 }],
  ])('gives the samples that collecting gives, with %s', (_case, sizes) => {
    const collected = collectSamples(windows, [1, 2, 3, 4], sizes);
    expect(listOf(shareSamples(keep(...windows), sizes))).toEqual(listOf(collected));
  });

  it('makes no copy of windows that fit', () => {
    const sizes = { vocabularySize: 10, maxLength: 5 };
    const weighted = keep(...windows);
    const samples = shareSamples(weighted, sizes);
    expect(samples).toBeInstanceOf(SharedSamples);
    expect(samples.tokensOf(0).buffer).toBe(weighted.windows.tokensOf(0).buffer);
  });

  it('is empty of no windows', () => {
    expect(listOf(shareSamples(keep(), { vocabularySize: 10, maxLength: 5 }))).toEqual([]);
  });

  it.each([
    ['an empty window', tokens()],
    ['a token outside the vocabulary', tokens(4, 6)],
    ['a special token', tokens(2)],
  ])('refuses %s', (_what, window) => {
    expect(() => shareSamples(keep(window), { vocabularySize: 6, maxLength: 10 })).toThrow(
      WindowFailure,
    );
  });

  it('refuses to show a sample that it does not have', () => {
    const samples = shareSamples(keep(tokens(4)), { vocabularySize: 10, maxLength: 5 });
    expect(() => samples.tokensOf(1)).toThrow(RangeError);
    expect(samples.lengthOf(1)).toBe(0);
  });
});
