import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BitCounters } from './bit-counters';

/** Bits of a row of counters, of those that are raised. */
function bitsOf(raised: readonly number[], words: number): Int32Array {
  const bits = new Int32Array(words);
  for (const counter of raised) {
    bits[counter >>> 5] = (bits[counter >>> 5] ?? 0) | (1 << (counter & 31));
  }
  return bits;
}

describe('BitCounters', () => {
  it('counts as a list of numbers does', () => {
    const counters = fc.integer({ min: 1, max: 70 });
    const steps = fc.array(fc.array(fc.nat({ max: 69 })), { maxLength: 20 });
    fc.assert(
      fc.property(counters, steps, fc.nat({ max: 69 }), (size, rounds, without) => {
        const counting = new BitCounters(size, 20);
        const plain = new Array<number>(size).fill(0);
        for (const round of rounds) {
          const raised = [...new Set(round)].filter((counter) => counter < size);
          counting.add(bitsOf(raised, counting.words), 0);
          for (const counter of raised) plain[counter] = (plain[counter] ?? 0) + 1;
        }
        expect(plain.map((_, counter) => counting.valueOf(counter))).toEqual(plain);
        expect(counting.largest()).toBe(Math.max(...plain));
        const others = plain.filter((_, counter) => counter !== without);
        if (without < size) expect(counting.largest(without)).toBe(Math.max(0, ...others));
        counting.clear();
        expect(counting.largest()).toBe(0);
      }),
    );
  });

  it('reads bits from where it is told to', () => {
    const counting = new BitCounters(40, 1);
    const bits = new Int32Array([0, 0, ...bitsOf([3, 39], 2)]);
    counting.add(bits, 2);
    expect([3, 4, 39].map((counter) => counting.valueOf(counter))).toEqual([1, 0, 1]);
  });
});
