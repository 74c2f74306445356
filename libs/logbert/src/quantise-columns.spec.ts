import { describe, expect, it } from 'vitest';
import { quantiseColumns } from './quantise-columns';

describe('quantiseColumns', () => {
  it('scales each column by its own largest element', () => {
    const matrix = { dims: [2, 2], data: Float32Array.of(1, 0.01, -0.5, -0.02) };
    const { weights, scales } = quantiseColumns(matrix);
    expect([...weights.data]).toEqual([64, 32, -32, -64]);
    expect(Number(scales.data[0])).toBeCloseTo(1 / 64, 6);
    expect(Number(scales.data[1])).toBeCloseTo(0.02 / 64, 6);
  });

  it('keeps a column of zeros', () => {
    const { weights, scales } = quantiseColumns({ dims: [2, 1], data: new Float32Array(2) });
    expect([...weights.data]).toEqual([0, 0]);
    expect([...scales.data]).toEqual([1]);
  });
});
