import { numbersOf } from '@logbert/onnx-graph';
import { describe, expect, it } from 'vitest';
import { DropoutPool } from './dropout-pool';
import { seededRandom } from './seeded-random';

describe('DropoutPool', () => {
  it('drops its share and keeps the mean', () => {
    const pool = new DropoutPool(0.25, 10, seededRandom(1));
    const mask = pool.draw([200, 500], seededRandom(2));
    expect(mask.dims).toEqual([200, 500]);
    const values = new Set(numbersOf(mask));
    expect([...values].sort()).toEqual([0, Math.fround(4 / 3)]);
    const sum = numbersOf(mask).reduce((total, value) => total + value, 0);
    expect(sum / 100_000).toBeCloseTo(1, 1);
  });

  it('has room for its longest mask', () => {
    const pool = new DropoutPool(0.5, 1_500_000, seededRandom(1));
    expect(pool.draw([1_500_000], () => 0.999_999).data).toHaveLength(1_500_000);
  });
});
