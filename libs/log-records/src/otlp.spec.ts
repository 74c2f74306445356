import { describe, expect, it } from 'vitest';
import { buildDecoder } from './line-decoder';
import { decodeOtlp } from './otlp';

const request = {
  resourceLogs: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'cart' } }] },
      scopeLogs: [
        {
          logRecords: [
            {
              timeUnixNano: '1544712660300000000',
              severityNumber: 17,
              body: { stringValue: 'no stock' },
              traceId: '5b8efff798038103d269b633813fc60c',
              attributes: [{ key: 'item', value: { intValue: '9007199254740993' } }],
            },
          ],
        },
      ],
    },
  ],
};

describe('decodeOtlp', () => {
  it('gives one JSON line a record, which the JSON decoder reads', () => {
    const [line, ...others] = decodeOtlp(new TextEncoder().encode(JSON.stringify(request)), 'json');
    expect(others).toEqual([]);
    const record = buildDecoder({ kind: 'auto' }, { fields: ['trace_id'] })(line as Uint8Array, 0);
    expect(record).toMatchObject({
      timestampMs: 1544712660300,
      service: 'cart',
      level: 'error',
      message: 'no stock',
      sessionKey: '5b8efff798038103d269b633813fc60c',
    });
    expect(JSON.parse(record.raw)).toMatchObject({ item: '9007199254740993' });
  });

  it('is empty for a request without records', () => {
    expect(decodeOtlp({}, 'json')).toEqual([]);
  });

  it.each([
    ['resourceLogs: a list', { resourceLogs: {} }],
    ['resourceLogs[0]: an object', { resourceLogs: [1] }],
    ['timeUnixNano', { resourceLogs: [{ scopeLogs: [{ logRecords: [{ timeUnixNano: 'x' }] }] }] }],
    ['body', []],
  ])('names the wrong field: %s', (message, body) => {
    expect(() => decodeOtlp(body, 'json')).toThrow(message);
  });
});
