import { describe, expect, it } from 'vitest';
import { batchesOfLines } from './batches-of-lines';

describe('batchesOfLines', () => {
  const batches = (lengths: readonly number[], mostLines: number) => [
    ...batchesOfLines(lengths, (length) => length, mostLines),
  ];

  it('fills batches up to the number of lines, in order', () => {
    expect(batches([2, 2, 1, 3, 2], 5)).toEqual([
      [2, 2, 1],
      [3, 2],
    ]);
  });

  it('lets a window that is too long stand alone', () => {
    expect(batches([1, 9, 1], 5)).toEqual([[1], [9], [1]]);
  });

  it('gives no batch of nothing', () => {
    expect(batches([], 5)).toEqual([]);
  });
});
