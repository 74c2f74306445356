import { describe, expect, it } from 'vitest';
import { RecentPValues } from './recent-p-values';
import { seeded } from './seeded';

describe('RecentPValues', () => {
  const after = (...entered: readonly (readonly [count: number, pValue: number])[]) => {
    const recent = new RecentPValues();
    for (const [count, pValue] of entered) {
      for (let window = 0; window < count; window++) recent.enter(pValue);
    }
    return recent;
  };

  it('leaves p-values as they are while few windows have been seen', () => {
    expect(after([499, 0.0001]).recalibrate(0.0001)).toBe(0.0001);
  });

  it('gives the share of recent windows that were as odd', () => {
    const recent = after([990, 0.5], [9, 0.0001]);
    expect(recent.recalibrate(0.0001)).toBeCloseTo(0.009, 6);
    expect(recent.recalibrate(0.01)).toBe(0.01);
  });

  it('does not let a window speak for itself', () => {
    const recent = after([990, 0.5], [1, 0.0001]);
    expect(recent.recalibrate(0.0001, 0.0001)).toBe(0.0001);
    expect(recent.recalibrate(0.0001)).toBeCloseTo(1 / 992, 10);
    // Odder than it was at first: it is not among those that were as odd.
    expect(after([990, 0.5], [9, 0.0001]).recalibrate(0.0001, 0.01)).toBeCloseTo(0.009, 6);
  });

  it('leaves alone what is odder than all before', () => {
    expect(after([990, 0.5], [9, 0.0001]).recalibrate(1e-6)).toBe(1e-6);
  });

  it('never makes a p-value smaller', () => {
    expect(after([1_000, 0.5]).recalibrate(0.04)).toBe(0.04);
    expect(after([1_000, 0.5]).recalibrate(0.5)).toBe(0.5);
    expect(after([1_000, 0.001]).recalibrate(0.06)).toBe(0.06);
  });

  it('forgets what is four thousand windows ago', () => {
    expect(after([4_000, 0.0001], [4_000, 0.5]).recalibrate(0.0001)).toBe(0.0001);
  });

  it('bears the smallest p-value there is', () => {
    expect(after([600, 0.5]).recalibrate(Number.MIN_VALUE)).toBe(Number.MIN_VALUE);
  });

  it('goes on from its snapshot, also when it is full', () => {
    const recent = after([3_999, 0.5], [7, 0.0001]);
    const again = new RecentPValues(recent.snapshot());
    recent.enter(0.3);
    again.enter(0.3);
    expect(again.snapshot()).toEqual(recent.snapshot());
    expect(again.recalibrate(0.0001)).toBe(recent.recalibrate(0.0001));
  });

  it('keeps the alert budget two thousand windows after every one has become odder', () => {
    const random = seeded(7);
    const recent = new RecentPValues();
    let flagged = 0;
    for (let window = 0; window < 20_000; window++) {
      const pValue = random() ** 3;
      if (window >= 2_000 && recent.recalibrate(pValue) <= 0.001) flagged++;
      recent.enter(pValue);
    }
    // Without recalibration a tenth of them would be.
    expect(flagged / 18_000).toBeLessThan(0.0015);
  });
});
