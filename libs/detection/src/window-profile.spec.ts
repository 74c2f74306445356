import { describe, expect, it } from 'vitest';
import { profileOf } from './window-profile';

describe('profileOf', () => {
  it('counts distinct tokens in ascending order', () => {
    const { length, keys, counts } = profileOf(Int32Array.of(7, 4, 7, 7));
    expect({ length, keys: [...keys], counts: [...counts] }).toEqual({
      length: 4,
      keys: [4, 7],
      counts: [1, 3],
    });
  });

  it('hashes a bag, not a sequence', () => {
    expect(profileOf(Int32Array.of(4, 7, 5)).hash).toBe(profileOf(Int32Array.of(5, 7, 4)).hash);
  });

  it('gives different bags different hashes', () => {
    const hashes = new Set<number>();
    for (let a = 0; a < 40; a++) {
      for (let b = 0; b < 40; b++) {
        for (let times = 1; times <= 5; times++) {
          hashes.add(
            profileOf(Int32Array.from([a, ...new Array<number>(times).fill(50 + b)])).hash,
          );
        }
      }
    }
    expect(hashes.size).toBe(40 * 40 * 5);
  });

  it('is empty for no tokens', () => {
    expect(profileOf(new Int32Array(0))).toMatchObject({ length: 0, hash: 0 });
  });
});
