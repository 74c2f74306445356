import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_PATTERN } from './default-masks';
import { DefaultMaskScanner } from './default-mask-scanner';
import { TokenBuffer } from './token-buffer';
import { splitTokens } from './tokens';

const scanner = new DefaultMaskScanner('<', '>');
const buffer = new TokenBuffer();
const reference = new RegExp(DEFAULT_PATTERN, 'g');

function maskByExpression(text: string): string {
  return text.replace(reference, (...found) => {
    const groups = found.at(-1) as Record<string, string | undefined>;
    const [name] = Object.entries(groups).find(([, part]) => part !== undefined) ?? [];
    return `<${name}>`;
  });
}

function tokensOf(text: string): string[] {
  scanner.tokenise(text, buffer);
  return Array.from({ length: buffer.count }, (_, index) => buffer.text(index));
}

function check(text: string): void {
  const expected = maskByExpression(text);
  expect(scanner.mask(text, buffer)).toBe(expected);
  // White space inside a mask goes with it, so the tokens are those of the masked text.
  expect(tokensOf(text)).toEqual(splitTokens(expected, []));
}

const pieces = fc.constantFrom(
  ...'0 1 7 12 45 123 255 2024 2016 00000012 0000000d 123456789 0x1f 0X 9f4ef63 deadbeef abc123 a1 f fe80 ffff g G'.split(
    ' ',
  ),
  ...'10.0.0.1 1.2.3 127.0.0 :80 :54106 :123456 ::1 :: : fe80::1 2001:db8:0:0:0:0:2:1 00:1a:2b:3c:4d:5e 00-1A'.split(
    ' ',
  ),
  ...'123e4567-e89b-12d3-a456-426614174000 12:30 12:30:45 12:30:45.123456789 12:30:45,5 2024-01-05 2016/9/27 Z +02:00'.split(
    ' ',
  ),
  ...'ms s sec seconds min m h d µs KB kB MB MiB bytes byte B 1h2m3s 5m10s 1.5 % .5 T'.split(' '),
  ...'/var/log/x.log /a /b/c/ C:\\dir\\f C: \\ http:// https://a.b/c?d=e. ftp ann@mail.example.org @ a@b.c'.split(
    ' ',
  ),
  ...'www.example.com example.com:443 db-1.shop.internal com.acme.net Foo.java:12 Foo host com local io org.apache'.split(
    ' ',
  ),
  ...'Jul|Sun|Sun,|Dec |May 1|Sun Jul 10|Jul 10 10:59:53 2005|Mon Dec  1 00:00 UTC 2008|Sun, 06 Nov 1994 08:49:37|10/Oct/2000:13:55:36|1-Jan-2001|UTC|POST|2005| 2005| UTC 2008'.split(
    '|',
  ),
  ...'?a=b&c=%20 ? ?x /a/b?c=d /a/b/?c /a/b?'.split(' '),
  ...'blk_ blk_-123 blk - + < > = , ( ) [ ] " \' ; _ . .. -- é 漢 \ud800 \0 \u00a0 \u2028 $ &'.split(
    ' ',
  ),
  ' ',
  ' ',
  '  ',
  '\t',
  '\n',
  ', ',
  ' (',
  ' (5.00 KB)',
);

describe('DefaultMaskScanner', () => {
  it.each([
    ['', ''],
    ['took 12 ms', 'took <DURATION>'],
    ['lifetime <1 sec', 'lifetime <DURATION>'],
    ['451 bytes (4.5 KB) sent', '<SIZE> sent'],
    ['src: /10.250.19.102:54106', 'src: /<ENDPOINT>'],
    ['10.0.0.1,10.0.0.2 "GET', '<IP> "GET'],
    ['for blk_-1608999687919862906', 'for <BLOCK>'],
    ['at 2024-01-05T12:30:45.123Z', 'at <TIME>'],
    ['fe80::1 and 00:1a:2b:3c:4d:5e', '<IP> and <MAC>'],
    ['mail ann@mail.example.org', 'mail <EMAIL>'],
    ['see https://a.b/c?d=e.', 'see <URL>.'],
    ['db-1.shop.internal:5432', '<ENDPOINT>'],
    ['by com.acme.net.Foo:12 in Foo.java:12', 'by com.acme.net.Foo:<NUM> in Foo.java:<NUM>'],
    ['Face::Add is C++', 'Face::Add is C++'],
    ['node12 v2 x-5 =-5', 'node12 v2 x-<NUM> =<NUM>'],
    ['open /var/log/x.log', 'open <PATH>'],
    ['GET /v2/a/servers?x=1&y=%20 HTTP/1.1', 'GET <PATH> HTTP/<NUM>'],
    ['at Sun Jul 10 10:59:53 2005', 'at <TIME>'],
    ['Jul  1 10:59:53 INFO started', '<TIME> INFO started'],
    ['[10/Oct/2000:13:55:36 -0700]', '[<TIME> <NUM>]'],
    ['Date: Sun, 06 Nov 1994 08:49:37 GMT', 'Date: <TIME> GMT'],
    ['Mar went Jan 32nd', 'Mar went Jan 32nd'],
  ])('masks "%s" as "%s"', (text, expected) => {
    expect(scanner.mask(text, buffer)).toBe(expected);
    check(text);
  });

  it('agrees with the expression on whatever looks like a log line', () => {
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 14 }), (parts) => check(parts.join(''))),
      { numRuns: 30_000, seed: 7 },
    );
  });

  it('agrees with the expression on characters that masks are made of', () => {
    const characters = fc.string({
      unit: fc.constantFrom(...'0159afAFgzZ.:/-+_@%<> ,()\\xXTsmhkKMBé'),
      maxLength: 40,
    });
    fc.assert(fc.property(characters, check), { numRuns: 30_000, seed: 11 });
  });

  it('agrees with the expression on any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 60 }), check), {
      numRuns: 5_000,
      seed: 13,
    });
  });

  it.each([
    '1.',
    'a.',
    'a-',
    '/a',
    'a:',
    '1:',
    '::',
    'a@',
    'a+',
    '1 ',
    '-1',
    '<1',
    '10.0.0.1,',
    'a.b.',
    'f',
  ])('comes to an end on a megabyte of "%s"', (part) => {
    const text = part.repeat(1_000_000 / part.length);
    // Quadratic time would run into the test's own limit by far.
    expect(tokensOf(text).length).toBeGreaterThan(0);
  });
});
