import { describe, expect, it } from 'vitest';
import { buildDecoder } from './line-decoder';
import { decodeLoki } from './loki';
import { readLokiLabels } from './loki-labels';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const push = (labels: unknown, ...values: unknown[]) => ({ streams: [{ stream: labels, values }] });
const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const read = (body: unknown) =>
  decodeLoki(body, NOW).map((line) =>
    buildDecoder({ kind: 'auto' }, { fields: ['trace_id'] })(line, NOW),
  );

describe('decodeLoki', () => {
  it('takes time and labels, and the header off a line of text', () => {
    const labels = { service_name: 'cart', host: 'a', level: 'error' };
    const line = '2026-03-01 10:00:00,120 WARN added item 17';
    const body = bytes(push(labels, ['1772359200120000000', line, { trace_id: 't-1' }]));
    expect(read(body)).toEqual([
      expect.objectContaining({
        timestampMs: 1772359200120,
        service: 'cart',
        level: 'error',
        message: 'added item 17',
        sessionKey: 't-1',
        raw: expect.stringContaining('"host":"a"'),
      }),
    ]);
  });

  it('reads lines of JSON and logfmt, whose own service and level count without a label', () => {
    const json = '{"level":"warn","msg":"slow","service":"pay","trace_id":"t-2"}';
    const records = read(push({}, ['1', json], ['2', 'level=error msg="no stock" app=cart']));
    expect(records).toEqual([
      expect.objectContaining({
        service: 'pay',
        level: 'warn',
        message: 'slow',
        sessionKey: 't-2',
      }),
      expect.objectContaining({ service: 'cart', level: 'error', message: 'no stock' }),
    ]);
  });

  it('reads labels as protobuf has them', () => {
    const labels = '{app="cart", path="C:\\\\logs", quote="say \\"hi\\"", }';
    const [record] = read(push(labels, ['1', 'hello']));
    expect(record).toMatchObject({ service: 'cart', message: 'hello' });
    expect(JSON.parse(record?.raw ?? '')).toMatchObject({ path: 'C:\\logs', quote: 'say "hi"' });
  });

  it('is empty for a push without entries', () => {
    expect(decodeLoki({ streams: [] }, NOW)).toEqual([]);
  });

  it.each([
    ['body', []],
    ['streams: a list', {}],
    ['streams[0].stream', push(1)],
    ['streams[0].stream: labels', push('app')],
    ['streams[0].values[0]: a list', push({}, 'x')],
    ['streams[0].values[0][0]: nanoseconds', push({}, [1, 'x'])],
    ['streams[0].values[0][1]: a text', push({}, ['1', {}])],
  ])('names the wrong field: %s', (message, body) => {
    expect(() => decodeLoki(body, NOW)).toThrow(message);
  });
});

it.each([
  ['{}', {}],
  ['{a="1",b="2"}', { a: '1', b: '2' }],
  ['{a="}, b=\\u0041\\n"}', { a: '}, b=A\n' }],
  ['{a=1}', undefined],
  ['{a="1" b="2"}', undefined],
  ['a="1"', undefined],
])('readLokiLabels of %s', (text, expected) => {
  const labels = readLokiLabels(text);
  expect(labels && Object.fromEntries(labels)).toEqual(expected);
});
