import { describe, expect, it } from 'vitest';
import { SampleSet } from './sample-set';
import { seededRandom } from './seeded-random';

const tokens = (...values: number[]) => Int32Array.from(values);

describe('SampleSet', () => {
  it('joins equal windows, adds their weights and keeps the order of first occurrence', () => {
    const set = new SampleSet(10);
    for (const window of [tokens(4, 5), tokens(4), tokens(4, 5), tokens(5, 4)]) set.add(window, 2);
    expect(set.size).toBe(3);
    expect([0, 1, 2].map((index) => [...set.tokensOf(index)])).toEqual([[4, 5], [4], [5, 4]]);
    expect([0, 1, 2].map((index) => set.weightOf(index))).toEqual([4, 2, 2]);
    expect([0, 1, 2].map((index) => set.lengthOf(index))).toEqual([2, 1, 2]);
  });

  it('agrees with a map of texts over many windows, growing as often as needed', () => {
    const set = new SampleSet(70_000);
    const expected = new Map<string, number>();
    const random = seededRandom(1);
    for (let i = 0; i < 20_000; i++) {
      const window = Int32Array.from({ length: 1 + Math.floor(3 * random()) }, () =>
        Math.floor(70_000 * random() ** 8),
      );
      set.add(window, 1);
      expected.set(window.join(), (expected.get(window.join()) ?? 0) + 1);
    }
    expect(set.size).toBe(expected.size);
    const held = Array.from({ length: set.size }, (_, i) => [
      set.tokensOf(i).join(),
      set.weightOf(i),
    ]);
    expect(held).toEqual([...expected]);
  });

  it('takes no memory for windows that it has, and little beside the ids of others', () => {
    const set = new SampleSet(1_000);
    const random = seededRandom(2);
    const window = () => Int32Array.from({ length: 20 }, () => 4 + Math.floor(996 * random()));
    const few = Array.from({ length: 100 }, window);
    for (const one of few) set.add(one, 1);
    const { bytes } = set;
    for (let i = 0; i < 100_000; i++) set.add(few[i % 100] ?? tokens(), 1);
    expect(set.bytes).toBe(bytes);
    expect(set.weightOf(7)).toBe(1_001);

    for (let i = set.size; i < 131_072; i++) set.add(window(), 1);
    expect(set.size).toBe(131_072);
    expect(set.bytes / set.size).toBeLessThan(20 * 2 + 50);
  });

  it('holds windows of more than a million lines', () => {
    const set = new SampleSet(10);
    const long = new Int32Array(1_500_000).fill(4);
    set.add(tokens(5), 1);
    set.add(long, 1);
    set.add(tokens(6), 1);
    expect(set.tokensOf(1)).toHaveLength(1_500_000);
    expect([...set.tokensOf(2)]).toEqual([6]);
    expect([...set.tokensOf(0)]).toEqual([5]);
  });

  it('refuses to show a window that it does not have', () => {
    expect(() => new SampleSet(10).tokensOf(0)).toThrow(RangeError);
  });
});
