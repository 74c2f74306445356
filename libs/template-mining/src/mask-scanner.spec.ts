import { findPatternProblem } from '@logbert/log-records';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRule } from './compiled-rule';
import { planStages } from './mask-stage';
import { Masker } from './masker';
import { TokenBuffer } from './token-buffer';
import { splitTokens } from './tokens';

const START = '((?<=[^A-Za-z0-9])|^)';
const END = '((?=[^A-Za-z0-9])|$)';

interface Rule {
  readonly name: string;
  readonly pattern: string;
}

/** The masks of drain3's example configuration. */
const EXAMPLE: readonly Rule[] = [
  { name: 'ID', pattern: `${START}(([0-9a-f]{2,}:){3,}([0-9a-f]{2,}))${END}` },
  { name: 'IP', pattern: `${START}(\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3})${END}` },
  { name: 'SEQ', pattern: `${START}([0-9a-f]{6,} ?){3,}${END}` },
  { name: 'SEQ', pattern: `${START}([0-9A-F]{4} ?){4,}${END}` },
  { name: 'HEX', pattern: `${START}(0x[a-f0-9A-F]+)${END}` },
  { name: 'NUM', pattern: `${START}([\\-\\+]?\\d+)${END}` },
  { name: 'CMD', pattern: '(?<=executed cmd )(".+?")' },
];

/** What is commonly written for the logs of well-known systems. */
const USUAL = [
  'blk_-?\\d+',
  '(/|)(\\d+\\.){3}\\d+(:\\d+)?',
  '(\\d+\\.){3}\\d+(:\\d+)?',
  '((\\d+\\.){3}\\d+,?)+',
  '\\b[KGTM]?B\\b',
  '([\\w-]+\\.){2,}[\\w-]+',
  '([\\w-]+\\.)+[\\w-]+(:\\d+)?',
  'core\\.\\d+',
  '=\\d+',
  '0x.*?\\s',
  '\\d{2}:\\d{2}(:\\d{2})*',
  '(/[\\w-]+)+',
  '\\b(\\-?\\+?\\d+)\\b|\\b0[Xx][a-fA-F\\d]+\\b|\\b[a-fA-F\\d]{4,}\\b',
  '<\\d+\\ssec',
  '/.+?\\s',
  '\\d+',
  '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}',
  '(?<![\\w.])[+-]?\\d+(?:\\.\\d+)?(?![\\w.])',
  '[\\w.+-]+@[\\w-]+(?:\\.[\\w-]+)+',
  '(?<=user )\\S+',
  '^\\S+|\\S+$',
  '"[^"]*"',
].map((pattern, index) => ({ name: index % 3 === 0 ? '*' : `M${index}`, pattern }));

function masker(rules: readonly Rule[], prefix = '<', suffix = '>'): Masker {
  return new Masker(
    rules.map((rule) => ({ ...rule, isTrusted: true })),
    prefix,
    suffix,
    [],
  );
}

/** Whether nothing of the rules is left to their expressions. */
function isScanned(rules: readonly Rule[]): boolean {
  const compiled = rules.map((rule, index) =>
    compileRule({ ...rule, isTrusted: true }, index, '<', '>'),
  );
  return planStages(compiled, '<', '>').every(({ scanner }) => scanner !== undefined);
}

function byExpressions(rules: readonly Rule[], text: string, prefix = '<', suffix = '>'): string {
  return rules.reduce(
    (masked, { name, pattern }) =>
      masked.replace(new RegExp(pattern, 'g'), () => prefix + name + suffix),
    text,
  );
}

const buffer = new TokenBuffer();

function check(rules: readonly Rule[], subject: Masker, text: string): void {
  const expected = byExpressions(rules, text);
  expect(subject.mask(text)).toBe(expected);
  subject.tokenise(text, buffer);
  const tokens = Array.from({ length: buffer.count }, (_, index) => buffer.text(index));
  expect(tokens).toEqual(splitTokens(expected, []));
}

const pieces = fc.constantFrom(
  ...'0 7 12 123 00ff 12ab deadbeef 0123456 abcdef CAFE 0x1f 0X 0x 10.0.0.1 1.2.3 255.255.255.255 :80 ab:cd:ef:01 12:30:45 aa:bb: - + -5 +7 x B KB'.split(
    ' ',
  ),
  ...'/var/log /a www.example.com a.b core.12 =5 = blk_-12 blk_ ann@b.org <5 < > <NUM> <* *> sec _ . .. , " "x" \\ ( [ é 漢 \ud800 \udfff \0 \x7f \x1c $& ٣'.split(
    ' ',
  ),
  ...[
    'executed cmd ',
    'executed cmd "ls -l"',
    'user ',
    ' ',
    ' ',
    '  ',
    '\t',
    '\n',
    '\u00a0',
    '\u2028',
  ],
);
const lines = fc.array(pieces, { maxLength: 16 }).map((parts) => parts.join(''));
const texts = fc.oneof(
  { weight: 4, arbitrary: lines },
  {
    weight: 2,
    arbitrary: fc.string({ unit: fc.constantFrom(...'019afAF.:-+_x" <>/'), maxLength: 40 }),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
);

describe('MaskScanner', () => {
  it.each([...EXAMPLE, ...USUAL])('finds what $pattern finds', (rule) => {
    expect(isScanned([rule])).toBe(true);
    const subject = masker([rule]);
    fc.assert(
      fc.property(texts, (text) => check([rule], subject, text)),
      { numRuns: 1_500, seed: 3 },
    );
  });

  it("applies the masks of drain3's example in order", () => {
    expect(isScanned(EXAMPLE)).toBe(true);
    const subject = masker(EXAMPLE);
    fc.assert(
      fc.property(texts, (text) => check(EXAMPLE, subject, text)),
      { numRuns: 20_000, seed: 5 },
    );
  });

  it('applies any of the usual masks in any order', () => {
    const choice = fc.shuffledSubarray([...EXAMPLE, ...USUAL], { minLength: 2, maxLength: 7 });
    fc.assert(
      fc.property(choice, fc.array(texts, { minLength: 8, maxLength: 8 }), (rules, samples) => {
        const subject = masker(rules);
        for (const text of samples) check(rules, subject, text);
      }),
      { numRuns: 200, seed: 17 },
    );
  });

  it('finds what any expression finds', () => {
    const unit = fc.constantFrom(
      ...'a b c 1 < > \\d \\w \\s \\S . [^a] [ab1] [a-c1-3] [^\\s>] \\. \\x61 \\-'.split(' '),
    );
    const look = fc.constantFrom(
      ...'\\b \\B ^ $ (?=a) (?!b) (?<=a) (?<!1) (?=[^a]|$) (?<=^|\\W) (?<=ab) (?=|a)'.split(' '),
    );
    const count = fc.constantFrom('', '', '?', '*', '+', '{2}', '{1,3}', '{2,}', '??', '*?', '+?');
    const { expression } = fc.letrec<{ expression: string; part: string }>((tie) => ({
      expression: fc
        .array(tie('part'), { minLength: 1, maxLength: 4 })
        .map((parts) => parts.join('')),
      part: fc.oneof(
        { maxDepth: 3, withCrossShrink: true },
        { weight: 5, arbitrary: fc.tuple(unit, count).map((both) => both.join('')) },
        { weight: 1, arbitrary: look },
        { weight: 1, arbitrary: fc.tuple(tie('expression'), count).map(([e, c]) => `(${e})${c}`) },
        {
          weight: 1,
          arbitrary: fc
            .tuple(tie('expression'), tie('expression'))
            .map(([one, other]) => `(?:${one}|${other})`),
        },
      ),
    }));
    const names = fc.constantFrom('N', '*', 'a', '1', '');
    // Those of exponential time would keep the matcher they are compared with busy.
    const pattern = expression.filter((source) => findPatternProblem(source) === undefined);
    const rules = fc.array(fc.record({ name: names, pattern }), { minLength: 1, maxLength: 4 });
    const text = fc.string({ unit: fc.constantFrom(...'abc1<>. é\n-'), maxLength: 24 });
    let scanned = 0;
    fc.assert(
      fc.property(rules, fc.array(text, { minLength: 6, maxLength: 6 }), (some, samples) => {
        if (isScanned(some)) scanned++;
        const subject = masker(some);
        for (const sample of samples) check(some, subject, sample);
      }),
      { numRuns: 500, seed: 23 },
    );
    expect(scanned).toBeGreaterThan(100);
  }, 60_000);

  it.each([
    ['', ''],
    [' ', '>'],
    ['<:', ':>'],
    ['0', '9'],
    ['$&', '\\'],
  ])('writes masks between "%s" and "%s"', (prefix, suffix) => {
    const subject = masker(EXAMPLE, prefix, suffix);
    fc.assert(
      fc.property(texts, (text) => {
        const expected = byExpressions(EXAMPLE, text, prefix, suffix);
        expect(subject.mask(text)).toBe(expected);
        subject.tokenise(text, buffer);
        const tokens = Array.from({ length: buffer.count }, (_, index) => buffer.text(index));
        expect(tokens).toEqual(splitTokens(expected, []));
      }),
      { numRuns: 1_500, seed: 29 },
    );
  });

  it.each([
    ['(a)\\1', 'a reference'],
    ['(?=.*x)a', 'a look ahead at several units'],
    ['(?:a?)+b', 'a repetition of what may be empty'],
    ['a*', 'a find that may be empty'],
    ['\\01', 'an octal escape'],
  ])('leaves %s to its expression: %s', (pattern) => {
    expect(isScanned([{ name: 'X', pattern }])).toBe(false);
  });

  it('gives a line that is too long for an unvouched rule the same masks as its expression', () => {
    const rules = [{ name: 'NUM', pattern: '\\d+' }];
    const subject = new Masker(rules, '<', '>', []);
    const text = '1 '.repeat(20_000);
    const seen = text.slice(0, 32_768);
    expect(subject.mask(text)).toBe(byExpressions(rules, seen) + text.slice(32_768));
  });

  it.each(['1', 'a:', '1.', '12ab ', '123456 ', 'executed cmd "', '<'])(
    'comes to an end on a megabyte of "%s"',
    (part) => {
      const subject = masker(EXAMPLE);
      subject.tokenise(part.repeat(1_000_000 / part.length), buffer);
      expect(buffer.count).toBeGreaterThan(0);
    },
  );
});
