import { describe, expect, it } from 'vitest';
import { findRequiredCharacters } from './required-characters';

describe('findRequiredCharacters', () => {
  it.each([
    ['0x[0-9a-f]+', '0x'],
    ['([0-9a-f]{2,}:){3,}[0-9a-f]{2,}', ':'],
    ['\\d+(\\.\\d+)?', ''],
    ['a:b|c:d', ':'],
    ['a|', ''],
    ['(?<=x)y(?!z)', 'y'],
    ['(a)\\1[b][cd]\\x65', 'abe'],
    ['', ''],
  ])('of %s are "%s"', (source, characters) => {
    expect(findRequiredCharacters(source).join('')).toBe(characters);
  });
});
