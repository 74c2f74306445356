import { describe, expect, it } from 'vitest';
import { countNgrams, leaveOneOutNovelty, NgramMemory } from './ngram-memory';

const normal = Array.from({ length: 10 }, () => Int32Array.of(4, 5, 6, 7, 8, 9));

describe('NgramMemory', () => {
  const memory = NgramMemory.of(countNgrams(normal));

  it('knows the order it was shown', () => {
    expect(memory.noveltyOf(Int32Array.of(4, 5, 6, 7, 8, 9))).toBe(0);
    expect(memory.noveltyOf(Int32Array.of(5, 6, 7))).toBe(0);
  });

  it('is 1 when no pair was ever seen', () => {
    expect(memory.noveltyOf(Int32Array.of(9, 8, 7, 6))).toBe(1);
  });

  it('is 0 for a window too short to have an order', () => {
    expect(memory.noveltyOf(Int32Array.of(99))).toBe(0);
    expect(memory.noveltyOf(new Int32Array(0))).toBe(0);
  });

  it('says where the order breaks, once a break', () => {
    expect(memory.brokenPositions(Int32Array.of(4, 5, 7, 8, 9))).toEqual([2]);
    expect(memory.brokenPositions(Int32Array.of(4, 5, 6, 7, 8, 9))).toEqual([]);
    expect(memory.brokenPositions(Int32Array.of(4, 6, 8))).toEqual([1, 2]);
  });

  it('survives a snapshot', () => {
    const copy = NgramMemory.restore(memory.snapshot());
    expect(copy.noveltyOf(Int32Array.of(4, 5, 7, 8, 9))).toBe(
      memory.noveltyOf(Int32Array.of(4, 5, 7, 8, 9)),
    );
  });

  it('asks for more witnesses the more windows there are', () => {
    const many = [
      ...Array.from({ length: 4_000 }, () => Int32Array.of(4, 5)),
      Int32Array.of(5, 4),
      Int32Array.of(5, 4),
    ];
    expect(NgramMemory.of(countNgrams(many)).noveltyOf(Int32Array.of(5, 4))).toBe(1);
  });
});

describe('NgramMemory of sessions', () => {
  const memory = NgramMemory.of(countNgrams(normal, 6));
  const cut = NgramMemory.of(countNgrams(normal, 7));

  it('notices one that breaks off, at its last line', () => {
    const brokenOff = Int32Array.of(4, 5, 6);
    expect(cut.noveltyOf(Int32Array.of(4, 5, 6, 7, 8, 9))).toBe(0);
    expect(cut.noveltyOf(brokenOff)).toBeGreaterThan(0);
    expect(cut.brokenPositions(brokenOff)).toEqual([2]);
  });

  it('notices one that begins late, at its first line', () => {
    expect(cut.brokenPositions(Int32Array.of(6, 7, 8, 9))).toEqual([0]);
  });

  it('judges a single line by where it stands', () => {
    expect(cut.noveltyOf(Int32Array.of(6))).toBe(1);
    expect(cut.brokenPositions(Int32Array.of(6))).toEqual([0]);
  });

  it('does not take a cut for an end', () => {
    expect(memory.noveltyOf(Int32Array.of(4, 5, 6, 7, 8, 9))).toBe(0);
    expect(memory.brokenPositions(Int32Array.of(4, 5, 6, 7, 8))).toEqual([4]);
  });

  it('survives a snapshot', () => {
    const copy = NgramMemory.restore(cut.snapshot());
    expect(copy.brokenPositions(Int32Array.of(4, 5, 6))).toEqual([2]);
  });
});

describe('leaveOneOutNovelty', () => {
  it('equals the novelty under a memory of all other windows', () => {
    const windows = [...normal, Int32Array.of(4, 6, 5, 7), Int32Array.of(4, 5, 7)];
    for (const cutAt of [undefined, 6, 100]) {
      const counts = countNgrams(windows, cutAt);
      for (const [index, tokens] of windows.entries()) {
        const others = windows.filter((_, other) => other !== index);
        const expected = NgramMemory.of(countNgrams(others, cutAt)).noveltyOf(tokens);
        expect(leaveOneOutNovelty(tokens, counts)).toBeCloseTo(expected);
      }
    }
  });
});
