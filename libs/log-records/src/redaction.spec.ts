import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyRules, redactSecrets } from './redaction';

// Put together here, so that no scanner takes this file for a leak.
const AWS_KEY = 'AKIA' + 'IOSFODNN7EXAMPLE';
const GITHUB = 'ghp_' + 'a1'.repeat(18);

describe('redactSecrets', () => {
  it.each([
    ['user=bob password=hunter2, ok', 'user=bob password=[redacted], ok'],
    ['password=correct horse battery user=bob', 'password=[redacted] user=bob'],
    ['login password=correct horse battery', 'login password=[redacted]'],
    ['password="correct horse', 'password=[redacted]'],
    ['pass=hunter2 x', 'pass=[redacted] x'],
    ['DB_PASS=hunter2', 'DB_PASS=[redacted]'],
    ['the password is hunter2', 'the password is [redacted]'],
    ['mysql --password hunter2 -h db', 'mysql --password [redacted] -h db'],
    ['run --api-key "a b" --x', 'run --api-key [redacted] --x'],
    ['Cookie: sid=abc; theme=dark', 'Cookie: [redacted]'],
    ['curl -H "Cookie: sid=abc; a=b" url', 'curl -H "Cookie: [redacted]" url'],
    ['{"set-cookie":"sid=abc; Path=/","x":1}', '{"set-cookie":[redacted],"x":1}'],
    ['sessionid=38afes7a8', 'sessionid=[redacted]'],
    ['JSESSIONID=38afes7a8; x', 'JSESSIONID=[redacted]; x'],
    ['blob?sv=2024&sig=AbCdEfGhIjKlMnOp%2Bq%3D&se=1', 'blob?sv=2024&sig=[redacted]&se=1'],
    ['GET /?q=token%3Dabc123 ok', 'GET /?q=token%3D[redacted] ok'],
    [`npm ${'npm_' + 'a1'.repeat(18)}`, 'npm [redacted]'],
    [`key ${'sk-' + 'a1'.repeat(20)}`, 'key [redacted]'],
    ['{"passwords":1,"secret":["a","b]"],"x":[1]}', '{"passwords":1,"secret":[redacted],"x":[1]}'],
    [
      '{"credentials": {"user": "x", "deep": {"y": 1}}, "z": 2}',
      '{"credentials": [redacted], "z": 2}',
    ],
    ['body "{\\"token\\":[\\"a]\\"],\\"x\\":1}"', 'body "{\\"token\\":[redacted],\\"x\\":1}"'],
    ['{"token": {"cut": ["off', '{"token": [redacted]'],
    ['{"db_password": "a\\"b", "x": 1}', '{"db_password": [redacted], "x": 1}'],
    ["clientSecret: 'abc', next", 'clientSecret: [redacted], next'],
    ['X-Api-Key: 123abc', 'X-Api-Key: [redacted]'],
    ['Authorization: Bearer abc.def-ghi', 'Authorization: Bearer [redacted]'],
    ['curl -H "authorization: Basic dXNlcjpwYXNz"', 'curl -H "authorization: Basic [redacted]"'],
    ['got bearer 0123456789abcdef', 'got bearer [redacted]'],
    ['jwt eyJhbGciOi.eyJzdWIiOi.c2ln end', 'jwt [redacted] end'],
    [`key ${AWS_KEY}.`, 'key [redacted].'],
    [`push with ${GITHUB}`, 'push with [redacted]'],
    ['postgres://app:s3cr3t@db:5432/shop', 'postgres://app:[redacted]@db:5432/shop'],
    ['mail to Ann.B+x@mail.example.org now', 'mail to [redacted-email] now'],
    [
      'card 4111111111111111 paid',
      'card 4111 1111 1111 1111 paid'.replace(/4.*1 /, '[redacted-card] '),
    ],
    ['card 4111-1111-1111-1111 paid', 'card [redacted-card] paid'],
    ['amex 378282246310005', 'amex [redacted-card]'],
    ['-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY----- end', '[redacted] end'],
  ])('hides the secret of: %s', (text, expected) => {
    expect(redactSecrets(text)).toBe(expected);
  });

  it.each([
    'Receiving block blk_-1608999687919862906 src: /10.250.19.102:54106',
    'at 1514038530000000 ns',
    'order 4111111111111112 has a wrong check digit',
    'password=null token: false',
    'Failed password for root from 10.0.0.1',
    'the password is incorrect',
    'your token is expired',
    'bypass=true compass: 5',
    'disk-usage of sk-learn-contrib-something',
    'killed by sig=11',
    'user@host without a domain',
    'onExtend:1514038530000 14 0 4',
    '',
  ])('leaves alone: %s', (text) => {
    expect(redactSecrets(text)).toBe(text);
  });

  it('misses nothing by looking for marks first', () => {
    const pieces = fc.constantFrom(
      ...'pass word passwd pwd phrase passphrase secret token api key access id private account credential s'.split(
        ' ',
      ),
      ...'Authorization Bearer basic = : => " \' \\ _ - x 4111111111111111 4111 1111 378282246310005'.split(
        ' ',
      ),
      ...'378282 246310 10005 ey eyJ abcdefgh . / :// a@b.org AKIA ABCDEFGHIJKLMNOP ghp_ hf_ sk_live_ xoxb- glpat-'.split(
        ' ',
      ),
      ...'github_pat_ AIza 0123456789012345678901234567890123456789 -----BEGIN PRIVATE KEY----- -----END null'.split(
        ' ',
      ),
      ...'npm_ sk- -- --x is hunter2 pass pwd PASSW %3D %3a cookie Cookie set- sessid sessionid sig signature [ { ] }'.split(
        ' ',
      ),
      ' ',
      ' is ',
      '  ',
      '\t',
      '\u00a0',
      '-----BEGIN RSA PRIVATE KEY-----',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 10 }), (parts) => {
        const text = parts.join('');
        expect(redactSecrets(text)).toBe(applyRules(text, -1));
      }),
      { numRuns: 30_000, seed: 3 },
    );
  });

  it('needs no more than linear time', () => {
    const hostile = [
      'a'.repeat(500_000) + '@',
      'password='.repeat(100_000),
      'password="' + '\\"'.repeat(250_000),
      '@' + '.a'.repeat(250_000),
      '4'.repeat(500_000) + '@',
      'eyJ' + 'a'.repeat(500_000),
      '://' + ':'.repeat(500_000) + '@',
      '-----BEGIN PRIVATE KEY-----'.repeat(20_000),
      '--'.repeat(250_000) + 'x',
      '--password '.repeat(50_000),
      'password=a b '.repeat(50_000),
      'password=a' + ' b'.repeat(250_000),
      '"token":['.repeat(50_000),
      'cookie:'.repeat(50_000),
      'cookie: '.repeat(50_000),
      'password is '.repeat(50_000),
      'token is ' + 'a'.repeat(500_000),
      'sk-' + 'a'.repeat(500_000),
      'sk-'.repeat(150_000),
      'sig=aaaaaaaaaaaaaaa,'.repeat(25_000),
      `password="${"password='".repeat(50_000)}`,
    ];
    // Quadratic time would run into the test's own limit by far.
    for (const text of hostile) expect(redactSecrets(text)).toBeTypeOf('string');
  });
});
