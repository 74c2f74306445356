import { describe, expect, it } from 'vitest';
import { readBulk } from './elastic-bulk';

const read = (...lines: string[]) =>
  readBulk(new TextEncoder().encode(lines.join('\n')), { maxBytes: 60 }).map((item) => ({
    ...item,
    line: item.line && new TextDecoder().decode(item.line),
  }));

describe('readBulk', () => {
  it('gives the documents as they came, in their order', () => {
    const items = read(
      '{"create":{"_index":"shop"}}',
      '{"message":"one"}',
      '{"index":{"_id":"7"}}\r',
      '{ "message":"two" }\r',
      '',
    );
    expect(items).toEqual([
      {
        action: 'create',
        index: 'shop',
        id: undefined,
        line: '{"message":"one"}',
        problem: undefined,
      },
      {
        action: 'index',
        index: undefined,
        id: '7',
        line: '{ "message":"two" }',
        problem: undefined,
      },
    ]);
  });

  it('refuses single items, with a reason each', () => {
    const items = read(
      '{"delete":{"_id":"1"}}',
      '{"update":{"_id":"1"}}',
      '{"doc":{}}',
      '{"index":{}}',
      'no json',
      '{"index":{}}',
      JSON.stringify({ message: 'x'.repeat(60) }),
      '{"index":{}}',
      '{"message":"good"}',
    );
    expect(items.map(({ problem }) => problem?.split(':', 1)[0])).toEqual([
      'logs are only added to',
      'logs are only added to',
      'not a JSON object',
      'too long',
      undefined,
    ]);
    expect(items.flatMap(({ line }) => line ?? [])).toEqual(['{"message":"good"}']);
  });

  it.each([
    ['line 1: one of', ['{"message":"no action"}', '{}']],
    ['line 1: one of', ['no json']],
    ['line 3: its document', ['{"index":{}}', '{}', '{"index":{}}']],
  ])('cannot take a body apart: %s', (message, lines) => {
    expect(() => read(...lines)).toThrow(message);
  });

  it('is empty for an empty body', () => {
    expect(read('')).toEqual([]);
  });
});
