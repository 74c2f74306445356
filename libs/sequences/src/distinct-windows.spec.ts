import { describe, expect, it } from 'vitest';
import { DistinctWindows } from './distinct-windows';

const tokens = (...values: number[]) => Int32Array.from(values);

/** Numbers in [0, 1) that are always the same (Park & Miller). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 0x7fffffff) / 0x7fffffff;
}

describe('DistinctWindows', () => {
  it('numbers windows in order of first occurrence, equal ones alike', () => {
    const windows = new DistinctWindows(10);
    const added = [tokens(4, 5), tokens(4), tokens(4, 5), tokens(5, 4), Uint16Array.of(4)];
    expect(added.map((window) => windows.add(window))).toEqual([0, 1, 0, 2, 1]);
    expect(windows.size).toBe(3);
    expect([0, 1, 2].map((index) => [...windows.tokensOf(index)])).toEqual([[4, 5], [4], [5, 4]]);
    expect([0, 1, 2, 3].map((index) => windows.lengthOf(index))).toEqual([2, 1, 2, 0]);
  });

  it('keeps what it was given when the caller writes over it', () => {
    const windows = new DistinctWindows(10);
    const window = tokens(4, 5);
    windows.add(window);
    window[0] = 9;
    expect([...windows.tokensOf(0)]).toEqual([4, 5]);
    expect(windows.add(window)).toBe(1);
  });

  it('agrees with a map of texts over many windows, growing as often as needed', () => {
    const windows = new DistinctWindows(70_000);
    const expected = new Map<string, number>();
    const random = numbers(1);
    for (let i = 0; i < 20_000; i++) {
      const window = Int32Array.from({ length: 1 + Math.floor(3 * random()) }, () =>
        Math.floor(70_000 * random() ** 8),
      );
      const name = window.join();
      const number = windows.add(window);
      expect(number).toBe(expected.get(name) ?? expected.size);
      expected.set(name, number);
    }
    const held = Array.from({ length: windows.size }, (_, i) => windows.tokensOf(i).join());
    expect(held).toEqual([...expected.keys()]);
  });

  it('takes no memory for windows that it has, and little beside the ids of others', () => {
    const windows = new DistinctWindows(1_000);
    const random = numbers(2);
    const window = () => Int32Array.from({ length: 20 }, () => 4 + Math.floor(996 * random()));
    const few = Array.from({ length: 100 }, window);
    for (const one of few) windows.add(one);
    const { bytes } = windows;
    for (let i = 0; i < 100_000; i++) windows.add(few[i % 100] ?? tokens());
    expect(windows.bytes).toBe(bytes);

    for (let i = windows.size; i < 131_072; i++) windows.add(window());
    expect(windows.size).toBe(131_072);
    expect(windows.bytes / windows.size).toBeLessThan(20 * 2 + 40);
  });

  it('holds windows of more than a million lines, and empty ones', () => {
    const windows = new DistinctWindows(10);
    windows.add(tokens(5));
    windows.add(new Int32Array(1_500_000).fill(4));
    windows.add(tokens(6));
    windows.add(tokens());
    expect(windows.tokensOf(1)).toHaveLength(1_500_000);
    expect([...windows.tokensOf(2)]).toEqual([6]);
    expect([...windows.tokensOf(0)]).toEqual([5]);
    expect([...windows.tokensOf(3)]).toEqual([]);
  });

  it('refuses to show a window that it does not have', () => {
    expect(() => new DistinctWindows(10).tokensOf(0)).toThrow(RangeError);
  });
});
