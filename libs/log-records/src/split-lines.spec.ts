import { describe, expect, it } from 'vitest';
import { splitLines } from './split-lines';

const bytes = (text: string) => new TextEncoder().encode(text);
const texts = (lines: readonly Uint8Array[]) => lines.map((line) => new TextDecoder().decode(line));

describe('splitLines', () => {
  it('splits text at line feeds, with or without the last one', () => {
    expect(texts(splitLines(bytes('a\r\nb\nc'), 'text/plain; charset=utf-8').lines)).toEqual([
      'a',
      'b',
      'c',
    ]);
    expect(splitLines(bytes('a\n'), 'text/plain')).toMatchObject({ rejected: [] });
    expect(splitLines(bytes(''), 'text/plain')).toEqual({ lines: [], rejected: [] });
  });

  it('names what it cannot keep by line and reason', () => {
    const body = Uint8Array.of(...bytes('ok\n\n'), 0xff, 0x0a, ...bytes('far too long\n'));
    const { lines, rejected } = splitLines(body, 'text/plain', { maxBytes: 5 });
    expect(texts(lines)).toEqual(['ok']);
    expect(rejected).toEqual([
      { line: 2, reason: 'empty' },
      { line: 3, reason: 'not UTF-8' },
      { line: 4, reason: 'too long: 12 bytes, the limit is 5' },
    ]);
  });

  it('checks each line of NDJSON', () => {
    const { lines, rejected } = splitLines(bytes('{"a":1}\n{"a":\n[1]'), 'application/x-ndjson');
    expect(texts(lines)).toEqual(['{"a":1}']);
    expect(rejected.map(({ line }) => line)).toEqual([2, 3]);
  });

  it('takes a JSON array apart', () => {
    const { lines, rejected } = splitLines(bytes('[{"a":1},"text",3]'), 'application/json');
    expect(texts(lines)).toEqual(['{"a":1}', 'text']);
    expect(rejected).toEqual([{ line: 3, reason: 'not an object or a text' }]);
  });

  it('refuses a body that it cannot read at all', () => {
    expect(() => splitLines(bytes('{'), 'application/json')).toThrow(
      expect.objectContaining({ code: 'log-records/json' }),
    );
    expect(() => splitLines(bytes('x'), 'image/png')).toThrow(
      expect.objectContaining({ code: 'log-records/content-type' }),
    );
  });
});
