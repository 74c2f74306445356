import { describe, expect, it } from 'vitest';
import { RecentKeys } from './recent-keys';

describe('RecentKeys', () => {
  it('remembers the last keys and forgets old ones', () => {
    const keys = new RecentKeys(3);
    for (const key of ['a', 'b', 'c', 'd']) keys.add(key);
    expect(['b', 'c', 'd'].every((key) => keys.has(key))).toBe(true);
    for (const key of ['e', 'f']) keys.add(key);
    expect(['d', 'e', 'f'].every((key) => keys.has(key))).toBe(true);
    expect(keys.has('a')).toBe(false);
  });

  it('remembers at least one', () => {
    const keys = new RecentKeys(1);
    keys.add('a');
    expect(keys.has('a')).toBe(true);
  });

  it('can be rebuilt from its keys', () => {
    const keys = new RecentKeys(3);
    for (const key of ['a', 'b', 'c', 'd', 'e']) keys.add(key);
    const rebuilt = new RecentKeys(3);
    for (const key of keys.keys()) rebuilt.add(key);
    expect(rebuilt.keys()).toEqual(['a', 'b', 'c', 'd', 'e']);
  });
});
