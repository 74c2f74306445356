import type { LineFormat, SessionKeyRule } from '@logbert/contracts';
import { describe, expect, it } from 'vitest';
import { DecodeFailure } from './decode-failure';
import { buildDecoder, buildGroupFinder } from './line-decoder';

const bytes = (text: string) => new TextEncoder().encode(text);
const NOW = Date.UTC(2026, 5, 15, 12);
const NO_KEY = { fields: [] };

describe('buildDecoder of text with a pattern', () => {
  const decode = buildDecoder(
    { kind: 'text', pattern: '<Date> <Time> <Pid> <Level> <Component>: <Content>' },
    { fields: [], pattern: 'blk_-?\\d+' },
  );

  it('reads the parts of the header', () => {
    const line =
      '081109 203615 148 INFO dfs.DataNode$PacketResponder: Responder 1 for blk_-38 ends';
    expect(decode(bytes(line), NOW)).toMatchObject({
      timestampMs: Date.UTC(2008, 10, 9, 20, 36, 15),
      service: 'dfs.DataNode$PacketResponder',
      level: 'info',
      message: 'Responder 1 for blk_-38 ends',
      sessionKey: 'blk_-38',
      raw: line,
    });
  });

  it('finds the session key in a field of the header that nothing else is read from', () => {
    const pattern = '<Date> <Time> <Pid> <Thread> <Component>: <Content>';
    const line = '081109 203615 148 t-7 cart: added';
    const keyOf = (...fields: string[]) =>
      buildDecoder({ kind: 'text', pattern }, { fields })(bytes(line), NOW).sessionKey;
    expect(keyOf('Thread')).toBe('t-7');
    expect(keyOf('Missing', 'Pid', 'Thread')).toBe('148');
    expect(keyOf('Component')).toBeUndefined();
  });

  it('reads a line of another format as free text', () => {
    expect(decode(bytes('  at Foo.bar(Foo.java:12)'), NOW)).toMatchObject({
      timestampMs: NOW,
      service: 'unknown',
      message: '  at Foo.bar(Foo.java:12)',
    });
  });
});

describe('buildDecoder', () => {
  it.each([
    ['sessionKey.pattern', { kind: 'auto' }, { fields: [], pattern: '(a+)+$' }],
    ['sessionKey.pattern', { kind: 'auto' }, { fields: [], pattern: '(' }],
    ['pattern', { kind: 'text', pattern: 'no field' }, { fields: [] }],
    ['pattern', { kind: 'text', pattern: '<A><B>' }, { fields: [] }],
    ['pattern', { kind: 'text', pattern: '<A> <A>' }, { fields: [] }],
  ] satisfies [string, LineFormat, SessionKeyRule][])(
    'refuses a %s that cannot be used',
    (field, format, sessionKey) => {
      expect(() => buildDecoder(format, sessionKey)).toThrow(
        expect.objectContaining({ code: 'log-records/format', field }),
      );
    },
  );
});

describe('buildDecoder of JSON', () => {
  const decode = buildDecoder({ kind: 'json' }, { fields: ['request_id', 'trace.id'] });

  it('reads the usual names', () => {
    const line = JSON.stringify({
      time: '2026-06-15T11:00:00.5+02:00',
      level: 'WARN',
      'service.name': 'cart',
      msg: 'slow',
      trace: { id: 'abc' },
      tries: 3,
    });
    expect(decode(bytes(line), NOW)).toEqual({
      timestampMs: Date.UTC(2026, 5, 15, 9, 0, 0, 500),
      service: 'cart',
      level: 'warn',
      message: 'slow',
      sessionKey: 'abc',
      raw: line,
    });
  });

  it('hides secrets in message and raw line', () => {
    const line = '{"msg":"login of a\\u0040b.org","password":"hunter2","request_id":"7"}';
    const record = decode(bytes(line), NOW);
    expect(JSON.stringify(record)).not.toMatch(/hunter2|a@b\.org/);
    expect(record.sessionKey).toBe('7');
  });

  it.each([
    ['json', '{"msg":'],
    ['json', '[1]'],
    ['empty', '  \r\n'],
  ])('refuses with reason %s: %s', (reason, line) => {
    expect(() => decode(bytes(line), NOW)).toThrow(
      expect.objectContaining({ code: `log-records/${reason}`, retriable: false }),
    );
  });

  it('refuses what is not UTF-8 or too long', () => {
    expect(() => decode(Uint8Array.of(0x7b, 0xff), NOW)).toThrow(DecodeFailure);
    const short = buildDecoder({ kind: 'json' }, NO_KEY, { maxBytes: 8 });
    expect(() => short(bytes('{"msg":"long"}'), NOW)).toThrow('more than 8');
  });
});

describe('buildDecoder of anything', () => {
  const decode = buildDecoder({ kind: 'auto' }, { fields: ['request_id'] });

  it.each([
    ['2026-06-15 10:00:00,123 ERROR [payment] card refused', 'payment', 'error', 'card refused'],
    ['2026-06-15T10:00:00Z cart: WARN slow answer', 'cart', 'warn', 'slow answer'],
    ['Jun 15 10:00:00 web1 sshd[42]: Accepted key', 'sshd', 'unknown', 'Accepted key'],
    ['INFO gateway: ready', 'gateway', 'info', 'ready'],
    ['ts=2026-06-15T10:00:00Z level=error service=db msg="disk full"', 'db', 'error', 'disk full'],
    ['error: no space left', 'unknown', 'error', 'no space left'],
    ['I am a sentence', 'unknown', 'unknown', 'I am a sentence'],
    ['2026-06-15 10:00:00 E db: down', 'db', 'error', 'down'],
    ['information is power', 'unknown', 'unknown', 'information is power'],
    ['{not json', 'unknown', 'unknown', '{not json'],
    [
      '2026-06-15 10:00:00.123 [main] INFO com.shop.Cart - added 3',
      'com.shop.Cart',
      'info',
      'added 3',
    ],
  ])('reads %s', (line, service, level, message) => {
    expect(decode(bytes(line), NOW)).toMatchObject({ service, level, message });
  });

  it('finds a named session key in the text', () => {
    expect(decode(bytes('INFO gateway: GET / request_id=r-17, ok'), NOW).sessionKey).toBe('r-17');
    expect(decode(bytes('my_request_id=r-17'), NOW).sessionKey).toBeUndefined();
  });

  it('hides a secret of a JSON line whole, whatever its kind', () => {
    const fields = { message: 'm', token: ['abc', 'd'], credentials: { user: 'u' }, db_pass: 12 };
    const record = decode(bytes(JSON.stringify(fields)), NOW);
    expect(record.raw).not.toMatch(/abc|"u"|12/);
  });

  it('clips a service that no index would bear', () => {
    const service = 'x'.repeat(255) + '😀'.repeat(3_000);
    const record = decode(bytes(JSON.stringify({ service, message: 'm' })), NOW);
    expect(record.service).toBe('x'.repeat(255));
  });

  it('refuses a JSON line that is nested beyond measure', () => {
    const decodeJson = buildDecoder({ kind: 'json' }, { fields: [] });
    const deep = `{"a":${'['.repeat(150_000)}${']'.repeat(150_000)}}`;
    expect(() => decodeJson(bytes(deep), NOW)).toThrow('nested too deeply');
  });
});

describe('what a record shares with its line', () => {
  const decode = buildDecoder({ kind: 'json' }, NO_KEY);
  const decoded = (fields: object) => decode(bytes(JSON.stringify(fields)), NOW);

  it('is the message as it was told, wherever its text stands', () => {
    for (const message of ['a', 'message', 'paid 3 €', 'say "no"', '\\u00e9', '\ud800']) {
      expect(decoded({ service: 'a message', message }).message).toBe(message);
    }
  });

  it('is looked for in no long line, which could take the square of its length', () => {
    const nearly = 'a'.repeat(60_000);
    const message = `${nearly}b${'a'.repeat(400_000)}`;
    expect(decoded({ service: 'a'.repeat(500_000), message }).message).toBe(message);
  });

  it('keeps services apart, however many there are', () => {
    for (const round of [1, 2]) {
      for (let index = 0; index < 1_500; index++) {
        const record = decoded({ service: `service-${index}`, message: `${round}` });
        expect(record.service).toBe(`service-${index}`);
      }
    }
  });
});

describe('buildGroupFinder', () => {
  const settings = {
    format: { kind: 'auto' as const },
    sessionKey: { fields: ['request_id'] },
    window: { kind: 'session' as const, idleMs: 1_000, maxLength: 64 },
  };
  const groupOf = (line: string, change: Partial<Parameters<typeof buildGroupFinder>[0]> = {}) =>
    buildGroupFinder({ ...settings, ...change })(bytes(line), NOW);
  const line = '{"service":"cart","request_id":"r-1","message":"added"}';

  it('keeps a session together, and lines without one by their service', () => {
    expect(groupOf(line)).toBe('r-1');
    expect(groupOf('{"service":"cart","message":"added"}')).toBe('cart');
    expect(groupOf('nothing is known of this')).toBe('unknown');
  });

  it('keeps a service together where its windows are not of sessions', () => {
    const window = { kind: 'sliding' as const, size: 20, stride: 10, idleMs: 1_000 };
    expect(groupOf(line, { window })).toBe('cart');
  });

  it('finds what the decoder finds', () => {
    const decode = buildDecoder(settings.format, settings.sessionKey);
    for (const text of [
      line,
      `${line}\r\n`,
      'at=info request_id=r-2',
      'done with request_id=r-3',
    ]) {
      expect(groupOf(text)).toBe(decode(bytes(text), NOW).sessionKey);
    }
  });

  it('knows nothing of what can never be a line', () => {
    expect(groupOf(' ')).toBeUndefined();
    expect(groupOf('no object', { format: { kind: 'json' } })).toBeUndefined();
    expect(buildGroupFinder(settings)(Uint8Array.of(0xff, 0xfe), NOW)).toBeUndefined();
    expect(buildGroupFinder(settings)(new Uint8Array(1_048_577).fill(97), NOW)).toBeUndefined();
  });
});
