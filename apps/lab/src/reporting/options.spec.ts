import { describe, expect, it } from 'vitest';
import { Options, UsageError } from './options';

const SPECS = {
  file: { value: 'FILE', help: 'read', isRequired: true, isRepeatable: true },
  seeds: { value: 'N', help: 'runs', fallback: '1' },
  adapt: { help: 'trains again' },
} as const;
const parse = (...argv: string[]) => Options.parse('try', SPECS, argv);

describe('Options', () => {
  it('keeps every value of an option that may be given several times', () => {
    expect(parse('--file', 'a', '--file', 'b').texts('file')).toEqual(['a', 'b']);
  });

  it('takes the last value of another one', () => {
    expect(parse('--file', 'a', '--seeds', '2', '--seeds', '3').number('seeds', 1, 9)).toBe(3);
  });

  it('falls back to what the command says', () => {
    expect(parse('--file', 'a').text('seeds')).toBe('1');
  });

  it('knows whether a flag was given', () => {
    expect(parse('--file', 'a').has('adapt')).toBe(false);
    expect(parse('--file', 'a', '--adapt').has('adapt')).toBe(true);
  });

  it.each([
    ['an option that is missing', []],
    ['one that it does not know', ['--file', 'a', '--depth', '4']],
  ])('tells how it is used for %s', (_case, argv) => {
    expect(() => parse(...argv)).toThrow(UsageError);
    expect(() => parse(...argv)).toThrow('Usage: try');
  });
});
