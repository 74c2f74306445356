import { describe, expect, it } from 'vitest';
import { WindowFailure } from './logbert-failures';
import { collectSamples, cutWindow, repeatSamples, unknownShare } from './training-samples';

const tokens = (...values: number[]) => Int32Array.from(values);

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
    expect(collectSamples(windows, [2, 1, 3], 9, 6)).toEqual([
      { tokens: tokens(4, 5), weight: 5 },
      { tokens: tokens(4), weight: 1 },
    ]);
  });

  it('tells apart tokens above 65,535', () => {
    const windows = [tokens(4), tokens(4 + 0x10000)];
    expect(collectSamples(windows, undefined, 9, 0x20000)).toHaveLength(2);
  });

  it('leaves out windows without weight', () => {
    expect(collectSamples([tokens(4)], [0], 9, 6)).toEqual([]);
  });

  it.each([
    ['an empty window', tokens()],
    ['a token outside the vocabulary', tokens(4, 6)],
    ['a special token', tokens(2)],
  ])('refuses %s', (_what, window) => {
    expect(() => collectSamples([window], undefined, 9, 6)).toThrow(WindowFailure);
  });
});

describe('unknownShare', () => {
  it('counts lines with the weights of their windows', () => {
    const samples = [
      { tokens: tokens(3, 4), weight: 1 },
      { tokens: tokens(4, 4), weight: 3 },
    ];
    expect(unknownShare(samples)).toBe(1 / 8);
    expect(unknownShare([])).toBe(0);
  });
});

describe('repeatSamples', () => {
  it('repeats by the root of the weight and divides the weight among the copies', () => {
    const samples = [
      { tokens: tokens(4), weight: 9 },
      { tokens: tokens(5), weight: 1 },
    ];
    const repeated = repeatSamples(samples, 1);
    expect(repeated).toHaveLength(4);
    expect(repeated[0]?.weight).toBe(3);
    expect(repeated[3]?.weight).toBe(1);
  });

  it('makes a small source large enough for an epoch without changing the proportions of weight', () => {
    const repeated = repeatSamples([{ tokens: tokens(4), weight: 4 }], 100);
    expect(repeated).toHaveLength(100);
    expect(repeated.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(4, 9);
  });
});
