import { describe, expect, it } from 'vitest';
import { repeatLines } from './repeated-lines';

describe('repeatLines', () => {
  it('gives every round sessions of its own', () => {
    const lines = [...repeatLines(['a blk_1 and blk_2', 'b'], 5, /blk_\d+/)];
    expect(lines).toEqual([
      'a blk_1 and blk_2',
      'b',
      'a blk_1001 and blk_2001',
      'b',
      'a blk_1002 and blk_2002',
    ]);
  });

  it('gives the lines as they are without a key, and fewer than there are', () => {
    expect([...repeatLines(['a', 'b', 'c'], 2)]).toEqual(['a', 'b']);
    expect([...repeatLines(['a'], 3)]).toEqual(['a', 'a', 'a']);
  });
});
