import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CountVectorMemory } from './count-vector-memory';
import { profileOf, type WindowProfile } from './window-profile';

const profile = (...tokens: number[]): WindowProfile => profileOf(Int32Array.from(tokens));

function plainL1(a: WindowProfile, b: WindowProfile): number {
  let distance = 0;
  const count = ({ keys, counts }: WindowProfile, key: number): number =>
    counts[keys.indexOf(key)] ?? 0;
  for (let key = 0; key < 12; key++) distance += Math.abs(count(a, key) - count(b, key));
  return distance;
}

describe('CountVectorMemory', () => {
  const memory = CountVectorMemory.of([profile(4, 4, 5), profile(4, 4, 5), profile(4, 5, 6, 7)]);

  it('is 0 for a known vector, whatever its order', () => {
    expect(memory.distanceTo(profile(5, 4, 4))).toBe(0);
  });

  it('counts lines too many and lines too few', () => {
    expect(memory.distanceTo(profile(4, 4))).toBe(1);
    expect(memory.distanceTo(profile(4, 4, 5, 9))).toBe(1);
    expect(memory.distanceTo(profile(4, 4, 9))).toBe(2);
  });

  it('is at most the length of the window', () => {
    expect(memory.distanceTo(profile(11))).toBe(1);
  });

  it('answers the second time as the first', () => {
    expect(memory.distanceTo(profile(8, 8))).toBe(memory.distanceTo(profile(8, 8)));
  });

  it('finds the exact nearest neighbour', () => {
    const bag = fc.array(fc.integer({ min: 0, max: 11 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(fc.array(bag, { minLength: 1, maxLength: 20 }), bag, (known, tokens) => {
        const profiles = known.map((each) => profile(...each));
        const own = profile(...tokens);
        const nearest = Math.min(own.length, ...profiles.map((other) => plainL1(own, other)));
        const fresh = CountVectorMemory.of(profiles);
        expect(fresh.distanceTo(own)).toBe(nearest);
        expect(CountVectorMemory.restore(fresh.snapshot()).distanceTo(own)).toBe(nearest);
      }),
    );
  });

  it('leaves a window out of its own memory', () => {
    expect(memory.leaveOneOutDistance(profile(4, 4, 5))).toBe(0);
    expect(memory.leaveOneOutDistance(profile(4, 5, 6, 7))).toBe(3);
  });

  it('lists the vectors next to a window, most frequent first', () => {
    const near = memory.neighbours(profile(4, 5));
    expect(near.map(({ windows, distance }) => [windows, distance])).toEqual([
      [2, 1],
      [1, 2],
    ]);
  });
});
