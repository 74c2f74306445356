import { describe, expect, it } from 'vitest';
import { Options } from '../reporting/options';
import { SEEDS_OPTION, seedsOf } from './seeds';

const parse = (...argv: string[]) => Options.parse('try', SEEDS_OPTION, argv);

describe('seedsOf', () => {
  it('is five unless told otherwise, as of the figures that are kept', () => {
    expect(seedsOf(parse())).toBe(5);
    expect(seedsOf(parse('--seeds', '2'))).toBe(2);
  });

  it('refuses none at all', () => {
    expect(() => seedsOf(parse('--seeds', '0'))).toThrow('between 1 and 100');
  });
});
