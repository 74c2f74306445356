import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NewPatterns, type PatternChange } from './new-patterns';

/** The same by definition: every count is taken anew. */
class CountedAnew {
  private readonly windows: (readonly number[])[] = [];
  private readonly usual = new Map<number, number>();

  constructor(private readonly capacity: number) {}

  enter(patterns: readonly number[]): PatternChange {
    const own = [...new Set(patterns)];
    const entered = this.windows.push(own);
    const among = (last: number) => (pattern: number) =>
      this.windows.slice(-last).filter((window) => window.includes(pattern)).length;
    const isSudden = (pattern: number) => this.capacity >= 20 && among(20)(pattern) >= 10;
    const least = Math.max(5, Math.ceil(0.02 * this.capacity));
    const isUsual = (pattern: number) =>
      isSudden(pattern) || among(this.capacity)(pattern) >= least;
    for (const pattern of own) {
      // Deleted first: a map keeps the order in which its keys came.
      if (this.usual.delete(pattern) || isUsual(pattern)) this.usual.set(pattern, entered);
    }
    const faded = [...this.usual]
      .filter(([, last]) => entered - last > 10 * this.capacity)
      .map(([pattern]) => pattern);
    for (const pattern of faded) this.usual.delete(pattern);
    return { usual: own.filter(isUsual), sudden: own.filter(isSudden), faded };
  }
}

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

  it('looks at the first four hundred patterns of a window, one that comes again not counted', () => {
    const patterns = new NewPatterns(100);
    const many = Array.from({ length: 500 }, (_, pattern) => pattern);
    const own = [...many.slice(0, 300), ...many];
    for (let window = 1; window < 5; window++) expect(patterns.enter(own).usual).toEqual([]);
    expect(patterns.enter(own).usual).toEqual(many.slice(0, 400));
    expect(patterns.snapshot().windows.at(-1)).toEqual(many.slice(0, 400));
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

  it('counts as if it counted anew each time, also from a snapshot on', () => {
    const window = fc.array(
      fc.integer({ min: -3, max: 3 }).map((at) => at * 0x1_0000_0003),
      {
        maxLength: 5,
      },
    );
    const run = fc.record({
      windows: fc.array(fc.record({ window, times: fc.integer({ min: 1, max: 12 }) }), {
        minLength: 20,
        maxLength: 40,
      }),
      capacity: fc.constantFrom(1, 3, 20, 50),
      copiedAt: fc.integer({ min: 0, max: 60 }),
    });
    fc.assert(
      fc.property(run, ({ windows, capacity, copiedAt }) => {
        const anew = new CountedAnew(capacity);
        let patterns = new NewPatterns(capacity);
        let entered = 0;
        for (const { window: own, times } of windows) {
          for (let time = 0; time < times; time++) {
            // With the twenty last windows a state has all; a smaller one begins anew with what is sudden.
            if (entered++ === copiedAt && capacity >= 20) {
              patterns = NewPatterns.restore(patterns.snapshot(), capacity);
            }
            expect(patterns.enter(own)).toEqual(anew.enter(own));
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});
