import { describe, expect, it } from 'vitest';
import { learnTrivialDetectors } from './trivial-detectors';

describe('learnTrivialDetectors', () => {
  const rules = learnTrivialDetectors([Int32Array.of(4, 5, 5, 6)]);
  const opinion = (name: string, tokens: readonly number[], novelLines = 0) =>
    rules
      .find((rule) => rule.name === name)
      ?.judge({ tokens: Int32Array.from(tokens), novelLines, meanEntropy: undefined });

  it('counts lines with a new key and lines without a template', () => {
    expect(opinion('new event', [4, 7, 7])?.score).toBe(2);
    expect(opinion('new event', [4], 1)?.score).toBe(1);
  });

  it('knows counts of keys, whatever their order', () => {
    expect(opinion('count vector', [6, 5, 4, 5])?.score).toBe(0);
    expect(opinion('count vector', [4, 5, 6])?.score).toBe(1);
  });

  it('gives the share of new pairs, and 0 to a window of one line', () => {
    expect(opinion('new 2-gram', [4, 5, 4])?.score).toBe(0.5);
    expect(opinion('new 2-gram', [9])?.score).toBe(0);
  });

  it('flags anything new, and nothing else', () => {
    expect(opinion('new 2-gram', [4, 5, 4])?.isFlagged).toBe(true);
    expect(opinion('new 2-gram', [4, 5, 6])?.isFlagged).toBe(false);
  });
});
