import { describe, expect, it } from 'vitest';
import { RecentScores } from './recent-scores';

function recent(scores: Iterable<number>): RecentScores {
  const entered = new RecentScores();
  for (const score of scores) entered.enter(score);
  return entered;
}

describe('RecentScores', () => {
  it('says nothing of fewer than 100 windows', () => {
    expect(recent(new Array<number>(99).fill(3)).usualShareOf(3)).toBe(0);
    expect(recent(new Array<number>(100).fill(3)).usualShareOf(3)).toBe(1);
  });

  it('counts ties, and calls less than a fiftieth unusual', () => {
    const scores = Array.from({ length: 200 }, (_, index) => (index % 50 === 0 ? 5 : 1));
    expect(recent(scores).usualShareOf(5)).toBe(0.02);
    expect(recent([...scores, 1]).usualShareOf(5)).toBe(0);
    expect(recent(scores).usualShareOf(5.1)).toBe(0);
  });

  it('forgets all but the last thousand, as a count over them does', () => {
    const scores = Array.from({ length: 2_500 }, (_, index) => (index * 7_919) % 101);
    const last = scores.slice(-1_000);
    const entered = recent(scores);
    expect(entered.inOrder()).toEqual(last);
    for (const score of [0, 13, 50, 97]) {
      const share = last.filter((other) => other >= score).length / 1_000;
      expect(entered.usualShareOf(score)).toBeCloseTo(share, 12);
    }
  });
});
