import { describe, expect, it } from 'vitest';
import { CANDIDATES, readModel, UNRANKED } from './model-reading';

const VOCABULARY_SIZE = 9;
const [UNKNOWN_KEY, END] = [3, VOCABULARY_SIZE];

const ranks = (token: number, ...best: (readonly [token: number, probability: number])[]) => {
  const alternatives = [best.map(([key, probability]) => ({ token: key, probability }))];
  const score = { entropy: Float32Array.of(0), alternatives };
  return [...readModel(Int32Array.of(token), score, VOCABULARY_SIZE).ranks];
};

describe('readModel', () => {
  it('ranks the key that came among the candidates', () => {
    expect(ranks(4, [4, 0.6], [5, 0.3])).toEqual([1]);
    expect(ranks(5, [4, 0.6], [5, 0.3])).toEqual([2]);
  });

  it('treats a tie in favour of the key that came', () => {
    expect(ranks(6, [4, 0.3], [5, 0.3], [6, 0.3])).toEqual([1]);
  });

  it('does not count the end of a session among the keys', () => {
    expect(ranks(4, [END, 0.7], [4, 0.2])).toEqual([1]);
  });

  it('ranks neither a key beyond the alternatives nor one that the vocabulary lacks', () => {
    expect(ranks(8, [4, 0.6], [5, 0.3])).toEqual([UNRANKED]);
    expect(ranks(UNKNOWN_KEY, [UNKNOWN_KEY, 0.9])).toEqual([UNRANKED]);
    expect(UNRANKED).toBeGreaterThan(CANDIDATES);
  });

  it('averages the entropy of the lines, 0 for none', () => {
    const score = { entropy: Float32Array.of(0.5, 1), alternatives: [[], []] };
    expect(readModel(Int32Array.of(4, 5), score, VOCABULARY_SIZE).meanEntropy).toBe(0.75);
    const empty = { entropy: new Float32Array(0), alternatives: [] };
    expect(readModel(new Int32Array(0), empty, VOCABULARY_SIZE).meanEntropy).toBe(0);
  });
});
