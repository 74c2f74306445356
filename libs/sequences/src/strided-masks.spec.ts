import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stridedMasks } from './strided-masks';

describe('stridedMasks', () => {
  it('masks every passes-th position', () => {
    expect(stridedMasks(5, 2)).toEqual([
      [0, 2, 4],
      [1, 3],
    ]);
  });

  it('has no more passes than positions', () => {
    expect(stridedMasks(2, 9)).toEqual([[0], [1]]);
    expect(stridedMasks(0, 3)).toEqual([]);
  });

  it('covers each position once', () => {
    fc.assert(
      fc.property(fc.nat(600), fc.integer({ min: 1, max: 70 }), (length, passes) => {
        const positions = stridedMasks(length, passes).flat();
        expect(positions.sort((left, right) => left - right)).toEqual([...Array(length).keys()]);
      }),
      { seed: 1 },
    );
  });

  it.each([
    [-1, 1],
    [1.5, 1],
    [1, 0],
    [1, NaN],
  ])('refuses length %d in %d passes', (length, passes) => {
    expect(() => stridedMasks(length, passes)).toThrow(RangeError);
  });
});
