import { describe, expect, it } from 'vitest';
import { readFields } from './field-names';
import { readJsonLine } from './json-line';
import { NO_ATTRIBUTES } from './log-record';
import { readLogfmtLine } from './logfmt-line';

const NOW = Date.UTC(2026, 5, 15, 12);
const read = (fields: Record<string, string>) => readFields(fields, NOW);

describe('readFields', () => {
  it('takes the most telling name of each part, wherever it stands', () => {
    const parts = read({ logger: 'l', msg: 'second', service: 'cart', message: 'first', lvl: 'w' });
    expect(parts).toMatchObject({ service: 'cart', level: 'warn', message: 'first' });
    expect({ ...parts.attributes }).toEqual({ logger: 'l', msg: 'second' });
  });

  it('passes over what is empty or no time', () => {
    const parts = read({ timestamp: 'soon', time: '', ts: '1781524800', message: '', text: 'x' });
    expect(parts).toMatchObject({ timestampMs: Date.UTC(2026, 5, 15, 12), message: 'x' });
    expect({ ...parts.attributes }).toEqual({ timestamp: 'soon', time: '', message: '' });
  });

  it('makes a message of what remains where none is told', () => {
    expect(read({ level: 'info', b: '2', a: '1' }).message).toBe('b=2 a=1');
  });

  it('shares the attributes of lines that have none', () => {
    expect(read({ message: 'x', level: 'info' }).attributes).toBe(NO_ATTRIBUTES);
  });
});

describe('readJsonLine', () => {
  const attributesOf = (value: unknown) => ({
    ...readJsonLine(typeof value === 'string' ? value : JSON.stringify(value), NOW).attributes,
  });

  it('names nested fields with dots and hides those of secrets whole', () => {
    const trace = { id: 'abc', deep: { er: [1, { a: null }] } };
    expect(attributesOf({ msg: 'm', trace, tries: 3, none: null, token: ['a', 'b'] })).toEqual({
      'trace.id': 'abc',
      'trace.deep.er': '[1,{"a":null}]',
      tries: '3',
      token: '[redacted]',
    });
  });

  it('keeps names of the object prototype as plain attributes', () => {
    const line = '{"msg":"x","__proto__":"p","constructor":"c","nested":{"__proto__":{"a":1}}}';
    expect(Object.entries(readJsonLine(line, NOW).attributes)).toEqual([
      ['__proto__', 'p'],
      ['constructor', 'c'],
      ['nested.__proto__.a', '1'],
    ]);
  });

  it('reads 128 fields of one line', () => {
    const fields = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`f${index}`, 1]));
    expect(Object.keys(attributesOf(fields))).toHaveLength(128);
  });
});

it('reads the last of equal names of logfmt', () => {
  const parts = readLogfmtLine('msg=a level=info id=1 msg=b level=error id=2', NOW);
  expect(parts).toMatchObject({ message: 'b', level: 'error' });
  expect({ ...parts?.attributes }).toEqual({ id: '2' });
});
