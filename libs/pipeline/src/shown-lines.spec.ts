import { describe, expect, it } from 'vitest';
import { MOST_LINES_SHOWN, shownLines } from './shown-lines';

describe('shownLines', () => {
  it('shows every line of a window that is short enough', () => {
    expect(shownLines(3, new Set([1]))).toEqual([0, 1, 2]);
    expect(shownLines(MOST_LINES_SHOWN, new Set())).toHaveLength(MOST_LINES_SHOWN);
  });

  it('shows abnormal lines and those around them', () => {
    const shown = shownLines(4_000, new Set([1_000, 3_000]));
    expect(shown).toHaveLength(MOST_LINES_SHOWN);
    expect(shown).toEqual(expect.arrayContaining([900, 1_000, 1_100, 2_900, 3_000, 3_100]));
    expect(shown).not.toContain(2_000);
    expect(shown).toEqual([...shown].sort((a, b) => a - b));
  });

  it('shows the last lines where none is abnormal', () => {
    expect(shownLines(1_000, new Set()).at(0)).toBe(1_000 - MOST_LINES_SHOWN);
    expect(shownLines(1_000, new Set()).at(-1)).toBe(999);
  });

  it('shows the first of too many abnormal lines', () => {
    const all = new Set(Array.from({ length: 1_000 }, (_, position) => position));
    expect(shownLines(1_000, all).at(-1)).toBe(MOST_LINES_SHOWN - 1);
  });
});
