import { describe, expect, it } from 'vitest';
import { learnOnlineRarityRule, learnRarityRule } from './rarity-rule';
import type { TrivialDetector } from './trivial-detectors';

const window = (...tokens: number[]) => ({
  tokens: Int32Array.from(tokens),
  novelLines: 0,
  meanEntropy: undefined,
});
const times = (count: number, ...tokens: number[]): Int32Array[] =>
  Array.from({ length: count }, () => Int32Array.from(tokens));
const score = (rule: TrivialDetector, ...tokens: number[]): number =>
  rule.judge(window(...tokens)).score;

describe('learnRarityRule', () => {
  // 99 windows and the judged one: shares are whole percents.
  const rule = learnRarityRule([...times(90, 4, 5), ...times(9, 4, 5, 6)]);

  it('scores the key that fewest windows have', () => {
    expect(score(rule, 6, 5, 4, 6)).toBeCloseTo(-Math.log(0.1), 12);
  });

  it('scores the absence of a key that most windows have', () => {
    expect(score(rule, 4)).toBeCloseTo(-Math.log(0.01), 12);
  });

  it('gives a key that nobody has a finite score', () => {
    expect(score(rule, 4, 5, 99)).toBeCloseTo(-Math.log(0.01), 12);
  });

  it('flags what at most two in a hundred share', () => {
    const shared = (others: number) =>
      learnRarityRule([...times(99 - others, 4), ...times(others, 4, 5)]).judge(window(4, 5));
    expect(shared(1).isFlagged).toBe(true);
    expect(shared(2).isFlagged).toBe(false);
  });

  it('finds nothing rare without a reference', () => {
    expect(learnRarityRule([]).judge(window(4))).toEqual({ score: 0, isFlagged: false });
  });

  it('learns nothing from what it judges', () => {
    expect(rule.enter).toBeUndefined();
  });
});

describe('learnOnlineRarityRule', () => {
  it('takes in every window, and what comes often is rare no more', () => {
    const rule = learnOnlineRarityRule(times(99, 4), 99);
    expect(rule.judge(window(5)).isFlagged).toBe(true);
    for (let count = 0; count < 50; count++) rule.enter?.(window(5));
    expect(score(rule, 5)).toBeCloseTo(-Math.log(0.5), 1);
  });

  it('forgets the oldest windows', () => {
    const rule = learnOnlineRarityRule([...times(5, 6), ...times(10, 4)], 10);
    expect(score(rule, 6)).toBeCloseTo(Math.log(11), 12);
    for (let count = 0; count < 15; count++) rule.enter?.(window(7));
    expect(score(rule, 7)).toBe(0);
    expect(score(rule, 4)).toBeCloseTo(Math.log(11), 12);
  });
});
