import { describe, expect, it } from 'vitest';
import { WindowFailure } from './logbert-failures';
import type { SampleSet } from './sample-set';
import {
  collectSamples,
  cutWindow,
  RepeatedSamples,
  spreadSamples,
  unknownShare,
} from './training-samples';

const tokens = (...values: number[]) => Int32Array.from(values);
const listOf = (samples: SampleSet) =>
  Array.from({ length: samples.size }, (_, index) => ({
    tokens: [...samples.tokensOf(index)],
    weight: samples.weightOf(index),
  }));
const setOf = (...samples: { tokens: Int32Array; weight: number }[]) =>
  collectSamples(
    samples.map((sample) => sample.tokens),
    samples.map(({ weight }) => weight),
    { vocabularySize: 10, maxLength: 10 },
  );

describe('cutWindow', () => {
  it('leaves a window that fits as it is', () => {
    const window = tokens(4, 5, 6);
    expect(cutWindow(window, 3)).toEqual([window]);
  });

  it('cuts into pieces of nearly equal length that make up the window', () => {
    const window = Int32Array.from({ length: 130 }, (_, i) => i);
    const pieces = cutWindow(window, 63);
    expect(pieces.map(({ length }) => length)).toEqual([43, 44, 43]);
    expect(pieces.flatMap((piece) => [...piece])).toEqual([...window]);
  });

  it('cuts into single lines when no more fit', () => {
    expect(cutWindow(tokens(4, 5), 1)).toEqual([tokens(4), tokens(5)]);
  });
});

describe('collectSamples', () => {
  it('joins identical windows and adds their weights', () => {
    const windows = [tokens(4, 5), tokens(4), tokens(4, 5)];
    expect(
      listOf(collectSamples(windows, [2, 1, 3], { vocabularySize: 6, maxLength: 10 })),
    ).toEqual([
      { tokens: [4, 5], weight: 5 },
      { tokens: [4], weight: 1 },
    ]);
  });

  it('puts [END] behind windows that are shorter than sessions are cut at', () => {
    const sizes = { vocabularySize: 6, maxLength: 4, sessionsCutAt: 3 };
    const windows = [tokens(4, 5), tokens(4, 5, 4)];
    expect(
      listOf(collectSamples(windows, undefined, sizes)).map((sample) => sample.tokens),
    ).toEqual([
      [4, 5, 6],
      [4, 5, 4],
    ]);
  });

  it('tells apart tokens above 65,535', () => {
    const windows = [tokens(4), tokens(4 + 0x10000)];
    expect(
      collectSamples(windows, undefined, { vocabularySize: 0x20000, maxLength: 10 }).size,
    ).toBe(2);
  });

  it.each([-1, NaN, Infinity])('refuses a weight of %s', (weight) => {
    expect(() =>
      collectSamples([tokens(4)], [weight], { vocabularySize: 6, maxLength: 10 }),
    ).toThrow(WindowFailure);
  });

  it('leaves out windows without weight', () => {
    expect(collectSamples([tokens(4)], [0], { vocabularySize: 6, maxLength: 10 }).size).toBe(0);
  });

  it.each([
    ['an empty window', tokens()],
    ['a token outside the vocabulary', tokens(4, 6)],
    ['a special token', tokens(2)],
  ])('refuses %s', (_what, window) => {
    expect(() => collectSamples([window], undefined, { vocabularySize: 6, maxLength: 10 })).toThrow(
      WindowFailure,
    );
  });
});

describe('unknownShare', () => {
  it('counts lines with the weights of their windows', () => {
    const samples = setOf({ tokens: tokens(3, 4), weight: 1 }, { tokens: tokens(4, 4), weight: 3 });
    expect(unknownShare(samples)).toBe(1 / 8);
    expect(unknownShare(setOf())).toBe(0);
  });
});

describe('spreadSamples', () => {
  it('takes all of a few and every so manieth of many', () => {
    const windows = Array.from({ length: 6 }, (_, i) => tokens(4 + i));
    const samples = collectSamples(windows, undefined, { vocabularySize: 10, maxLength: 10 });
    const keys = (most: number) => spreadSamples(samples, most).map((sample) => sample.tokens[0]);
    expect(keys(9)).toEqual([4, 5, 6, 7, 8, 9]);
    expect(keys(3)).toEqual([4, 6, 8]);
    expect(spreadSamples(setOf(), 3)).toEqual([]);
  });
});

describe('RepeatedSamples', () => {
  it('repeats by the root of the weight and divides the weight among the copies', () => {
    const samples = setOf({ tokens: tokens(4), weight: 9 }, { tokens: tokens(5), weight: 1 });
    const repeated = new RepeatedSamples(samples, 1);
    expect([...repeated.entries]).toEqual([0, 0, 0, 1]);
    expect(repeated.pick(repeated.entries).map(({ weight }) => weight)).toEqual([3, 3, 3, 1]);
  });

  it('makes a small source large enough for an epoch without changing the proportions of weight', () => {
    const repeated = new RepeatedSamples(setOf({ tokens: tokens(4), weight: 4 }), 100);
    expect(repeated.entries).toHaveLength(100);
    const weights = repeated.pick(repeated.entries).map(({ weight }) => weight);
    expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(4, 9);
  });
});
