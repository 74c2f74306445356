import { describe, expect, it } from 'vitest';
import { learnTrivialDetectors, thresholdFor } from './trivial-detectors';

const windowOf = (...tokens: number[]) => ({ tokens: Int32Array.from(tokens), novelLines: 0 });

describe('learnTrivialDetectors', () => {
  const rules = learnTrivialDetectors(
    Array.from({ length: 10 }, () => windowOf(4, 5, 5, 6)),
    0.1,
  );
  const score = (name: string, tokens: readonly number[], novelLines = 0) =>
    rules.find((rule) => rule.name === name)?.score(Int32Array.from(tokens), novelLines);

  it('counts lines with a new key and lines without a template', () => {
    expect(score('new event', [4, 7, 7])).toBe(2);
    expect(score('new event', [4], 1)).toBe(1);
  });

  it('knows counts of keys, whatever their order', () => {
    expect(score('count vector', [6, 5, 4, 5])).toBe(0);
    expect(score('count vector', [4, 5, 6])).toBe(1);
  });

  it('gives the share of new pairs, and 0 to a window of one line', () => {
    expect(score('new 2-gram', [4, 5, 4])).toBe(0.5);
    expect(score('new 2-gram', [9])).toBe(0);
  });

  it('sets thresholds that held-out windows do not exceed', () => {
    expect(rules.map(({ threshold }) => threshold)).toEqual([0, 0, 0]);
  });
});

describe('thresholdFor', () => {
  it('is exceeded by at most the share alpha', () => {
    const scores = Array.from({ length: 100 }, (_, index) => index);
    const threshold = thresholdFor(scores, 0.05);
    expect(scores.filter((score) => score > threshold)).toHaveLength(5);
  });

  it('flags nothing without held-out windows', () => {
    expect(thresholdFor([], 0.05)).toBe(Infinity);
  });
});
