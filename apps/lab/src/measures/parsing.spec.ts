import { describe, expect, it } from 'vitest';
import { type ParsedLine, parsingFigures } from './parsing';

/** Lines written as `true group / group`, with the group's name as the text of both templates. */
const lines = (...pairs: readonly string[]): ParsedLine[] =>
  pairs.map((pair) => {
    const [trueGroup = '', group = ''] = pair.split('/');
    return { trueGroup, trueTemplate: trueGroup, group, template: group };
  });

describe('parsingFigures', () => {
  it('is 1 throughout when all is right', () => {
    expect(parsingFigures(lines('a/a', 'a/a', 'b/b'))).toEqual({
      groupingAccuracy: 1,
      groupingF1: 1,
      parsingAccuracy: 1,
      templateF1: 1,
    });
  });

  it('counts a group only when it is whole and pure', () => {
    const split = parsingFigures(lines('a/a', 'a/x', 'b/b'));
    expect(split.groupingAccuracy).toBeCloseTo(1 / 3, 12);
    expect(split.groupingF1).toBeCloseTo(2 / 5, 12);
    const merged = parsingFigures(lines('a/a', 'b/a', 'c/c'));
    expect(merged.groupingAccuracy).toBeCloseTo(1 / 3, 12);
    expect(merged.groupingF1).toBeCloseTo(2 / 5, 12);
  });

  it('asks for the right words besides the right lines', () => {
    const figures = parsingFigures(lines('a/x', 'a/x', 'b/b'));
    expect(figures.groupingAccuracy).toBe(1);
    expect(figures.parsingAccuracy).toBeCloseTo(1 / 3, 12);
    expect(figures.templateF1).toBe(0.5);
  });

  it('is NaN without a line', () => {
    expect(parsingFigures([]).groupingAccuracy).toBeNaN();
  });
});
