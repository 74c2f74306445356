import { describe, expect, it } from 'vitest';
import { measure, median, medianOf } from './measure';

describe('measure', () => {
  it('gives lines a second of the time the work took', async () => {
    const { seconds, linesPerSecond } = await measure(1_000, () => undefined);
    expect(linesPerSecond).toBeCloseTo(1_000 / seconds, 6);
  });
});

describe('medianOf', () => {
  const run = (linesPerSecond: number) => ({ seconds: 1, linesPerSecond });

  it('takes the middle run, the slower of two', () => {
    expect(medianOf([run(3), run(1), run(2)])).toEqual(run(2));
    expect(medianOf([run(3), run(1)])).toEqual(run(1));
  });

  it('refuses no run', () => {
    expect(() => medianOf([])).toThrow(RangeError);
  });
});

describe('median', () => {
  it('is the middle value, between the two middle ones of an even number', () => {
    expect(median([10, 1, 9])).toBe(9);
    expect(median([10, 1, 9, 2])).toBe(5.5);
    expect(median([3])).toBe(3);
  });

  it('is NaN of nothing', () => {
    expect(median([])).toBeNaN();
  });
});
