import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { simplerPattern } from './simpler-pattern';

const START = '((?<=[^A-Za-z0-9])|^)';
const END = '((?=[^A-Za-z0-9])|$)';

describe('simplerPattern', () => {
  it.each([
    [`${START}(0x[a-f]+)${END}`, '(?<![A-Za-z0-9])(?:0x[a-f]+)(?![A-Za-z0-9])'],
    ['\\(([(]+)(?:x)(?=y)', '\\((?:[(]+)(?:x)(?=y)'],
    ['(a)\\1', '(a)\\1'],
    ['(?<name>a)', '(?<name>a)'],
    ['(?<=x)(a)', '(?<=x)(?:a)'],
    ['[\\]((]+', '[\\]((]+'],
  ])('rewrites %s', (source, simpler) => {
    expect(simplerPattern(source)).toBe(simpler);
  });

  it.each([
    `${START}(([0-9a-f]{2,}:){3,}([0-9a-f]{2,}))${END}`,
    `${START}(\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3})${END}`,
    `${START}([0-9a-f]{6,} ?){3,}${END}`,
    `${START}([\\-\\+]?\\d+)${END}`,
  ])('finds the same as %s', (source) => {
    const before = new RegExp(source, 'g');
    const after = new RegExp(simplerPattern(source), 'g');
    const texts = fc.string({ unit: fc.constantFrom(...'0123abcdef:. -+gx\n'), maxLength: 60 });
    fc.assert(
      fc.property(texts, (text) => {
        expect(text.replace(after, '<X>')).toBe(text.replace(before, '<X>'));
      }),
      { numRuns: 3_000, seed: 5 },
    );
  });
});
