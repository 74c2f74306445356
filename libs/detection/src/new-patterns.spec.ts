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

  it('makes a pattern usual at once when half of the last twenty windows have it', () => {
    const patterns = new NewPatterns(4_000);
    for (let window = 1; window < 10; window++) {
      patterns.enter([]);
      expect(patterns.enter([7])).toMatchObject({ usual: [], sudden: [] });
    }
    expect(patterns.enter([7])).toMatchObject({ usual: [7], sudden: [7] });
    for (let window = 0; window < 10; window++) patterns.enter([8]);
    expect(patterns.enter([7])).toMatchObject({ usual: [], sudden: [] });
  });

  it('keeps what was usual while it is away for a time, and names it when it was away for long', () => {
    const patterns = new NewPatterns(500);
    for (let window = 0; window < 10; window++) patterns.enter([7]);
    for (let window = 0; window < 4_000; window++) expect(patterns.enter([]).faded).toEqual([]);
    patterns.enter([7]);
    for (let window = 0; window < 5_000; window++) expect(patterns.enter([]).faded).toEqual([]);
    expect(patterns.enter([]).faded).toEqual([7]);
  });

  it('looks back on so many windows and no more', () => {
    const patterns = new NewPatterns(3);
    for (const own of [[1], [2], [3], [4]]) patterns.enter(own);
    expect(patterns.snapshot().windows).toEqual([[2], [3], [4]]);
  });

  it('goes on from a snapshot', () => {
    const patterns = new NewPatterns(50);
    for (let window = 0; window < 7; window++) patterns.enter([7]);
    for (let window = 0; window < 100; window++) patterns.enter([window + 100]);
    for (let window = 0; window < 9; window++) patterns.enter([9]);
    const copy = NewPatterns.restore(patterns.snapshot(), 50);
    expect(copy.enter([9]).sudden).toEqual([9]);
    expect(patterns.enter([9]).sudden).toEqual([9]);
    for (let window = 0; window < 390; window++) {
      expect(copy.enter([])).toEqual(patterns.enter([]));
    }
    expect(copy.enter([])).toEqual({ usual: [], sudden: [], faded: [7] });
  });
});
