import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keySetHash, KeySetMemory } from './key-set-memory';
import { profileOf, type WindowProfile } from './window-profile';

const profile = (...tokens: number[]): WindowProfile => profileOf(Int32Array.from(tokens));

function jaccard(a: WindowProfile, b: WindowProfile): number {
  const all = new Set([...a.keys, ...b.keys]);
  const common = [...a.keys].filter((key) => b.keys.includes(key)).length;
  return 1 - common / all.size;
}

describe('KeySetMemory', () => {
  const memory = KeySetMemory.of([profile(4, 4, 5), profile(4, 5, 5), profile(4, 6, 7, 8)], 12);

  it('is 0 for keys that a window had, however often and in whatever order', () => {
    expect(memory.distanceTo(profile(5, 4, 5, 5, 4))).toBe(0);
  });

  it('is the share of keys that only one of both has', () => {
    expect(memory.distanceTo(profile(4, 5, 9))).toBeCloseTo(1 / 3);
    expect(memory.distanceTo(profile(4, 6, 7))).toBeCloseTo(1 / 4);
  });

  it('is 1 where no key is shared or nothing is known', () => {
    expect(memory.distanceTo(profile(10, 11))).toBe(1);
    expect(KeySetMemory.of([], 12).distanceTo(profile(4))).toBe(1);
  });

  it('leaves a window out of the sets it is compared with', () => {
    expect(memory.leaveOneOutDistance(profile(4, 5))).toBe(0);
    expect(memory.leaveOneOutDistance(profile(4, 6, 7, 8))).toBeCloseTo(4 / 5);
  });

  it('finds the exact nearest set, and the same from a snapshot', () => {
    const windows = fc.array(
      fc.array(fc.nat(11), { minLength: 1, maxLength: 8 }).map((tokens) => profile(...tokens)),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(windows, windows, (known, asked) => {
        const learned = KeySetMemory.of(known, 12);
        const restored = KeySetMemory.restore(learned.snapshot(), 12);
        for (const one of asked) {
          const nearest = Math.min(...known.map((other) => jaccard(one, other)));
          expect(learned.distanceTo(one)).toBeCloseTo(nearest);
          expect(restored.distanceTo(one)).toBeCloseTo(nearest);
          expect(learned.distanceTo(one)).toBe(learned.distanceTo(one));
        }
      }),
    );
  });

  it('learns a set, tells it apart from the trained ones and forgets it', () => {
    const learning = KeySetMemory.of([profile(4, 5)], 12);
    const late = profile(9, 10);
    learning.learn(late);
    learning.learn(profile(4, 5));
    expect(learning.distanceTo(late)).toBe(0);
    expect(learning.isTrained(keySetHash(late))).toBe(false);
    expect(learning.learntSets()).toEqual([[9, 10]]);
    expect(learning.snapshot().sets).toEqual([[4, 5]]);
    const restored = KeySetMemory.restore(learning.snapshot(), 12, learning.learntSets());
    expect(restored.distanceTo(late)).toBe(0);
    learning.unlearn(keySetHash(late));
    learning.unlearn(keySetHash(profile(4, 5)));
    expect(learning.distanceTo(late)).toBe(1);
    expect(learning.distanceTo(profile(4, 5))).toBe(0);
  });

  it('refuses a token outside its vocabulary', () => {
    expect(() => memory.distanceTo(profile(12))).toThrow(RangeError);
  });
});
