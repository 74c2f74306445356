import { describe, expect, it } from 'vitest';
import { generateWindows } from './generated-windows';

const input = { windows: 2_000, distinct: undefined, lines: 20, keys: 46, seed: 1 };
const texts = (windows: Iterable<Int32Array>) => Array.from(windows, (window) => window.join());

describe('generateWindows', () => {
  it('gives the same windows for a seed, no two alike, of 10 to 20 lines', () => {
    const windows = texts(generateWindows(input));
    expect(windows).toEqual(texts(generateWindows(input)));
    expect(new Set(windows).size).toBe(2_000);
    const lengths = Array.from(generateWindows(input), ({ length }) => length);
    expect([Math.min(...lengths), Math.max(...lengths)]).toEqual([10, 20]);
    const keys = new Set(windows.flatMap((window) => window.split(',').map(Number)));
    expect([Math.min(...keys), Math.max(...keys)]).toEqual([0, 45]);
  });

  it('gives no more different windows than it is told to', () => {
    const windows = texts(generateWindows({ ...input, distinct: 50 }));
    expect(windows).toHaveLength(2_000);
    expect(new Set(windows).size).toBe(50);
  });
});
