import { describe, expect, it } from 'vitest';
import { findPatternProblem } from './pattern-safety';

describe('findPatternProblem', () => {
  it.each([
    'blk_-?\\d+',
    '\\d+',
    '(?<![A-Za-z0-9])\\d+(?![A-Za-z0-9])',
    '((?<=[^A-Za-z0-9])|^)([\\-\\+]?\\d+)((?=[^A-Za-z0-9])|$)',
    '(\\d+\\.){3}\\d+(:\\d+)?',
    '([\\w-]+\\.){2,}[\\w-]+',
    '"[^"]*"',
    '(\\S+)\\s+(\\S+)',
    '(?<=executed cmd )(".+?")',
    '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}',
    'req-([0-9a-f-]{36})',
    '(?<id>order|cart)-\\d{1,10}',
    '[\\]\\-a-c^]+\\x41\\u0042\\cA|[^]|[]',
    '',
  ])('accepts %s', (source) => {
    expect(findPatternProblem(source)).toBeUndefined();
  });

  it.each([
    ['(a+)+$', /exponential/],
    ['(a*)*b', /exponential/],
    ['(a|a)*b', /exponential/],
    ['(a|ab|b)*c', /exponential/],
    ['(?:\\w+\\s?)+:', /exponential/],
    ['([0-9a-f]{6,} ?){3,}x', /exponential/],
    ['(?=(a+)+$)x', /exponential/],
    ['(.*,)*x', /exponential/],
    ['foo.*bar.*baz', /power 3/],
    ['\\s*\\s*\\s*x', /power|exponential/],
    ['(a)\\1+', /reference/],
    ['(?<x>a)\\k<x>', /reference/],
    ['(', /Unterminated|Invalid/],
    ['a'.repeat(450), /too long/],
  ])('refuses %s', (source, reason) => {
    expect(findPatternProblem(source)).toMatch(reason);
  });

  // Exponential time would run into the test's own limit by far.
  it('comes to an end on patterns made to keep it busy', () => {
    const problems = [
      findPatternProblem(`(?:${'(?:[a-z0-9]+[.-]?){1,12}|'.repeat(15)}x)*y`),
      findPatternProblem('.*a'.repeat(120)),
    ];
    for (const problem of problems) expect(problem).toBeTypeOf('string');
  });
});
