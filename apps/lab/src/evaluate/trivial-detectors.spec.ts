import { describe, expect, it } from 'vitest';
import { learnTrivialDetectors } from './trivial-detectors';

describe('learnTrivialDetectors', () => {
  const rules = learnTrivialDetectors([Int32Array.of(4, 5, 5, 6)]);
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
});
