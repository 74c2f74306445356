import { describe, expect, it } from 'vitest';
import { findPythonOnlySyntax } from './python-only-syntax';

describe('findPythonOnlySyntax', () => {
  it.each([
    ['(?P<x>\\d+)', '"(?P<" at 0'],
    ['a(?P=x)', '"(?P=" at 1'],
    ['(?i)error', '"(?i)" at 0'],
    ['(?i:error)', '"(?i:" at 0'],
    ['\\d++', '"++" at 2'],
    ['[a-z]*+', '"*+" at 5'],
    ['a{2,3}+', '"{2,3}+" at 1'],
    ['(?>a|b)', '"(?>" at 0'],
    ['(?#note)a', '"(?#" at 0'],
    ['\\Aa', '"\\A" at 0'],
    ['a\\Z', '"\\Z" at 1'],
    ['a{,3}', '"{,3}" at 1'],
    ['[]a]', 'at 0 is a member'],
  ])('finds it in %s', (pattern, reason) => {
    expect(findPythonOnlySyntax(pattern)).toContain(reason);
  });

  it.each([
    '(\\d+\\.){3}\\d+(:\\d+)?',
    '0x.*?\\s',
    '[+*]+',
    '\\++',
    '\\\\A',
    '(?<=[^A-Za-z0-9])(?<name>\\d+)|(?!x)(?:y)',
    '[?+(]',
    '\\(?P',
  ])('finds nothing in %s', (pattern) => {
    expect(findPythonOnlySyntax(pattern)).toBeUndefined();
  });
});
