import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { writePretty } from './pretty-line';

function pretty(line: object): string {
  let text = '';
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  writePretty(JSON.stringify({ level: 40, time: 0, ...line }), output);
  return text.replace(/^\S+ /, '');
}

describe('writePretty', () => {
  it('writes level, context and message', () => {
    expect(pretty({ context: 'Incidents', msg: 'one opened' })).toBe(
      'WARN  [Incidents] one opened\n',
    );
  });

  it('makes no lines and no commands to the terminal of what it is told', () => {
    const msg = 'shop\n12:00:00 INFO  [Inference] all is well\u001b[2J\u2028x';
    expect(pretty({ msg })).toBe('WARN  shop 12:00:00 INFO  [Inference] all is well [2J x\n');
  });

  it('keeps the stack of an error', () => {
    expect(pretty({ msg: 'no', err: { stack: 'Error: no\n    at here' } })).toBe(
      'WARN  no\nError: no\n    at here\n',
    );
  });
});
