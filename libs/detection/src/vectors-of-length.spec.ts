import { describe, expect, it } from 'vitest';
import { VectorsOfLength } from './vectors-of-length';
import { profileOf } from './window-profile';

const VOCABULARY = 9;

/** Windows that a seed gives, of any of the lengths. */
function windowsOf(seed: number, lengths: readonly number[], count: number) {
  let state = seed;
  const next = (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 16) % below;
  };
  return Array.from({ length: count }, () => {
    const length = lengths[next(lengths.length)] ?? 0;
    return profileOf(Int32Array.from({ length }, () => next(VOCABULARY)));
  });
}

type Profile = ReturnType<typeof profileOf>;

function spreadOf({ keys, counts }: Profile): Int32Array {
  const spread = new Int32Array(VOCABULARY);
  for (const [index, key] of keys.entries()) spread[key] = counts[index] ?? 0;
  return spread;
}

/** L1 by its definition. */
function distanceBetween(one: Profile, other: Profile): number {
  const [a, b] = [spreadOf(one), spreadOf(other)];
  return a.reduce((sum, count, key) => sum + Math.abs(count - (b[key] ?? 0)), 0);
}

// A few long ones are looked at one after the other, many at once.
describe.each([
  [3, 60],
  [60, 12],
  [600, 12],
])('VectorsOfLength: %d of %d lines', (count, lines) => {
  const known = windowsOf(1, [lines], count).map((profile) => ({ profile, windows: 1 }));
  const asked = windowsOf(2, [lines / 2, lines - 1, lines, lines + 2], 200);
  const vectors = new VectorsOfLength(lines);
  for (const one of known) vectors.add(one);

  it('finds the nearest by L1, from any bound', () => {
    for (const profile of asked) {
      const distances = known.map((one) => distanceBetween(profile, one.profile));
      for (const bound of [1, 3, 8, 26]) {
        const nearest = vectors.nearest(profile, bound, undefined);
        expect(nearest).toBe(Math.min(bound, ...distances));
      }
    }
  });

  it('leaves one out', () => {
    for (const [index, own] of known.entries()) {
      const others = known.filter((_one, at) => at !== index);
      const distances = others.map((one) => distanceBetween(own.profile, one.profile));
      expect(vectors.nearest(own.profile, 2 * lines, own)).toBe(Math.min(2 * lines, ...distances));
    }
  });

  it('finds all within reach with their distances', () => {
    for (const profile of asked) {
      for (const reach of [0, 4, 9]) {
        const expected = known.flatMap((one) => {
          const distance = distanceBetween(profile, one.profile);
          return distance <= reach ? [{ ...one, distance }] : [];
        });
        expect(vectors.within(profile, reach)).toEqual(expected);
      }
    }
  });

  it('forgets one that is removed', () => {
    const few = new VectorsOfLength(lines);
    const [first, second] = known;
    if (!first || !second) throw new TypeError('there are none');
    few.add(first);
    few.add(second);
    expect(few.nearest(first.profile, 2 * lines, undefined)).toBe(0);
    few.remove(first);
    expect(few.nearest(first.profile, 2 * lines, undefined)).toBe(
      distanceBetween(first.profile, second.profile),
    );
  });
});
