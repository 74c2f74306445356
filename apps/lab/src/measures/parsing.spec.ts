import { describe, expect, it } from 'vitest';
import { meanFigures, type ParsedLines, parsingFigures } from './parsing';

/** Lines written as `true template/template`. */
const lines = (...pairs: readonly string[]): ParsedLines[] =>
  pairs.map((pair) => {
    const [trueTemplate = '', template = ''] = pair.split('/');
    return { trueGroup: trueTemplate, trueTemplate, template, count: 1 };
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

  it('counts a template that has only some of its lines, yet not one with lines of another', () => {
    // Templates a, x, b over the truth's a, b: a and b are worded right for all lines that they have.
    expect(parsingFigures(lines('a/a', 'a/x', 'b/b')).templateF1).toBeCloseTo(4 / 5, 12);
    // Templates a, c over the truth's a, b, c: a also has a line of b.
    expect(parsingFigures(lines('a/a', 'b/a', 'c/c')).templateF1).toBeCloseTo(2 / 5, 12);
  });

  it('asks for the right words besides the right lines', () => {
    const figures = parsingFigures(lines('a/x', 'a/x', 'b/b'));
    expect(figures.groupingAccuracy).toBe(1);
    expect(figures.groupingF1).toBe(1);
    expect(figures.parsingAccuracy).toBeCloseTo(1 / 3, 12);
    expect(figures.templateF1).toBe(0.5);
  });

  it('weighs GA and PA by lines, FGA and FTA by groups', () => {
    // a (7 lines) whole and right; b (2) split in right and wrong; c (1) whole with other words.
    const figures = parsingFigures([
      { trueGroup: 'a', trueTemplate: 'a', template: 'a', count: 7 },
      { trueGroup: 'b', trueTemplate: 'b', template: 'b', count: 1 },
      { trueGroup: 'b', trueTemplate: 'b', template: 'b 1', count: 1 },
      { trueGroup: 'c', trueTemplate: 'c', template: 'c <*>', count: 1 },
    ]);
    expect(figures.groupingAccuracy).toBeCloseTo(8 / 10, 12);
    expect(figures.parsingAccuracy).toBeCloseTo(8 / 10, 12);
    // Four templates of three true ones: groups a and c are right, templates a and b.
    expect(figures.groupingF1).toBeCloseTo(4 / 7, 12);
    expect(figures.templateF1).toBeCloseTo(4 / 7, 12);
  });

  it('groups by the ids of the truth where it words no templates', () => {
    const figures = parsingFigures([
      { trueGroup: 'E1', trueTemplate: undefined, template: 'a', count: 3 },
      { trueGroup: 'E2', trueTemplate: undefined, template: 'b', count: 1 },
    ]);
    expect(figures.groupingAccuracy).toBe(1);
    expect(figures.groupingF1).toBe(1);
    expect(figures.parsingAccuracy).toBeNaN();
    expect(figures.templateF1).toBeNaN();
  });

  it('is NaN without a line', () => {
    expect(Object.values(parsingFigures([]))).toEqual([NaN, NaN, NaN, NaN]);
  });
});

describe('meanFigures', () => {
  it('counts each system once and leaves out figures that are none', () => {
    const one = parsingFigures(lines('a/a'));
    const none = { ...parsingFigures(lines('a/a', 'b/a')), templateF1: NaN };
    expect(meanFigures([one, none])).toEqual({
      groupingAccuracy: 0.5,
      groupingF1: 0.5,
      parsingAccuracy: 0.75,
      templateF1: 1,
    });
    expect(meanFigures([]).groupingAccuracy).toBeNaN();
  });
});
