import { describe, expect, it } from 'vitest';
import { checkArchitecture, classesOf, type Architecture } from './architecture';
import { countParameters, decayMask, planParameters } from './parameters';

const architecture: Architecture = {
  vocabularySize: 10,
  hidden: 8,
  layers: 2,
  heads: 2,
  feedForward: 16,
  maxLength: 6,
  dropout: 0.1,
};

describe('checkArchitecture', () => {
  it.each([
    [{ hidden: 9 }, 'hidden: expected a multiple of 2 heads, got 9'],
    [{ layers: 0 }, 'layers: expected an integer of at least 1, got 0'],
    [{ vocabularySize: 4 }, 'vocabularySize: expected at least one key, got 4'],
    [{ maxLength: 1 }, 'maxLength: expected an integer of at least 2, got 1'],
    [{ dropout: NaN }, 'dropout: expected a share in [0, 1), got NaN'],
  ])('refuses %o', (change, message) => {
    expect(() => checkArchitecture({ ...architecture, ...change })).toThrow(message);
  });

  it('accepts a vocabulary of one key', () => {
    checkArchitecture({ ...architecture, vocabularySize: 5 });
    expect(classesOf({ ...architecture, vocabularySize: 5 })).toBe(2);
  });
});

describe('parameters', () => {
  it('lie one after the other in one vector', () => {
    const layer = 8 * 24 + 24 + (8 * 8 + 8) + (8 * 16 + 16) + (16 * 8 + 8);
    expect(countParameters(architecture)).toBe(10 * 8 + 6 * 8 + 2 * layer + 8 * 7 + 7);
    expect(decayMask(architecture)).toHaveLength(countParameters(architecture));
  });

  it('decay only where they are matrices of linear layers', () => {
    const decayed = planParameters(architecture).filter(({ isDecayed }) => isDecayed);
    expect(decayed.every(({ name }) => name.endsWith('.weight'))).toBe(true);
    expect(decayed).toHaveLength(9);
  });
});
