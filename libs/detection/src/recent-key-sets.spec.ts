import { describe, expect, it } from 'vitest';
import { RecentKeySets } from './recent-key-sets';

describe('RecentKeySets', () => {
  it('counts how many of the last windows have a key', () => {
    const recent = new RecentKeySets(3);
    for (const keys of [[1, 2], [1], [1, 3], [3]]) recent.enter(keys);
    expect(recent.windows).toBe(3);
    expect([1, 2, 3].map((key) => recent.withKey(key))).toEqual([2, 0, 2]);
  });

  it('knows the keys that half of the windows have, whatever came and went before', () => {
    const recent = new RecentKeySets(50);
    for (let window = 0; window < 500; window++) {
      const usual = window < 250 ? 1 : 2;
      recent.enter([usual, 10 + (window % 3), 1_000 + window].sort((a, b) => a - b));
      const counted = new Map<number, number>();
      for (const { keys, windows } of recent.distinct()) {
        for (const key of keys) counted.set(key, (counted.get(key) ?? 0) + windows);
      }
      const expected = [...counted].filter(([, count]) => 2 * count >= recent.windows);
      expect(recent.commonKeys()).toEqual(expected.map(([key]) => key).sort((a, b) => a - b));
    }
  });

  it('measures a window against all others', () => {
    const recent = new RecentKeySets(10);
    for (const keys of [
      [1, 2],
      [1, 2],
      [1, 2],
      [1, 9],
    ])
      recent.enter(keys);
    const common = recent.commonKeys();
    expect(common).toEqual([1, 2]);
    expect(recent.oddnessOf([1, 9], common)).toEqual({ agreeing: 0, unseen: 1 });
    expect(recent.oddnessOf([1, 2], common)).toEqual({ agreeing: 2, unseen: 0 });
  });

  it('forgets a window that it has only looked at', () => {
    const recent = new RecentKeySets(2);
    recent.enter([1]);
    recent.enter([1, 2]);
    expect(recent.with([7], () => [recent.windows, recent.withKey(7)])).toEqual([3, 1]);
    expect([recent.windows, recent.withKey(7)]).toEqual([2, 0]);
  });

  it('holds no more keys than fit', () => {
    const recent = new RecentKeySets(10);
    const many = (first: number) => Array.from({ length: 300_000 }, (_, index) => first + index);
    for (let window = 0; window < 5; window++) recent.enter(many(window * 1_000_000));
    expect(recent.windows).toBe(3);
    expect(recent.commonKeys()).toEqual([]);
  }, 60_000);
});
