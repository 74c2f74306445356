import { describe, expect, it } from 'vitest';
import { NewPatterns } from './new-patterns';

describe('NewPatterns', () => {
  it('makes a pattern usual with a fiftieth of the windows', () => {
    const patterns = new NewPatterns(500);
    for (let window = 1; window < 10; window++) {
      expect(patterns.enter([7]).usual).toEqual([]);
    }
    expect(patterns.enter([7, 8]).usual).toEqual([7]);
  });

  it('asks for five windows where few are remembered', () => {
    const patterns = new NewPatterns(20);
    for (let window = 1; window < 5; window++) expect(patterns.enter([7]).usual).toEqual([]);
    expect(patterns.enter([7]).usual).toEqual([7]);
  });

  it('names a pattern that has become too rare again', () => {
    const patterns = new NewPatterns(500);
    for (let window = 0; window < 10; window++) patterns.enter([7]);
    for (let window = 10; window < 504; window++) {
      expect(patterns.enter([]).faded).toEqual([]);
    }
    expect(patterns.enter([]).faded).toEqual([7]);
  });

  it('goes on from what it has seen', () => {
    const patterns = new NewPatterns(3);
    for (const own of [[1], [2], [3], [4]]) patterns.enter(own);
    expect(patterns.inOrder()).toEqual([[2], [3], [4]]);
  });
});
