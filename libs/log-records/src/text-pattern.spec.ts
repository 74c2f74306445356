import { describe, expect, it } from 'vitest';
import { compileTextPattern } from './text-pattern';

function read(pattern: string, line: string): Record<string, string | undefined> | undefined {
  const compiled = compileTextPattern(pattern);
  const values: (string | undefined)[] = [];
  if (!compiled.match(line, values)) return undefined;
  return Object.fromEntries(compiled.names.map((name, index) => [name, values[index]]));
}

describe('compileTextPattern', () => {
  it('takes white space for any run of it and keeps it in the last field', () => {
    expect(read('<Date> <Level> <Content>', 'd\t  INFO  a  b ')).toEqual({
      Date: 'd',
      Level: 'INFO',
      Content: 'a  b ',
    });
  });

  it('ends a field where all of what follows it first comes', () => {
    const pattern = '<Component>: <Content>';
    expect(read(pattern, 'a:b: c: d')).toEqual({ Component: 'a:b', Content: 'c: d' });
  });

  it('reads literal brackets', () => {
    const line = '[Sun Dec 04 04:47:44 2005] [error] mod_jk failed';
    expect(read('\\[<Time>\\] \\[<Level>\\] <Content>', line)).toEqual({
      Time: 'Sun Dec 04 04:47:44 2005',
      Level: 'error',
      Content: 'mod_jk failed',
    });
  });

  it('leaves an optional part out where it is absent', () => {
    const pattern = '<Host> <Component>(\\[<Pid>\\])?: <Content>';
    expect(read(pattern, 'web sshd[42]: in')).toMatchObject({ Component: 'sshd', Pid: '42' });
    expect(read(pattern, 'web kernel: a [b]: c')).toEqual({
      Host: 'web',
      Component: 'kernel',
      Pid: undefined,
      Content: 'a [b]: c',
    });
  });

  it('accepts a line without content', () => {
    expect(read('<Level> <Content>', 'INFO ')).toEqual({ Level: 'INFO', Content: '' });
  });

  it('does not match another format', () => {
    expect(read('<Date> <Level> <Content>', 'word')).toBeUndefined();
    expect(read('[<Level>] <Content>', 'INFO x')).toBeUndefined();
    expect(read('<A> end', 'x end of it')).toBeUndefined();
  });

  // Quadratic time would run into the test's own limit by far.
  it('comes to an end on hostile lines of a megabyte', () => {
    expect(read('<A> <B> <C> <D>: <E>', ' '.repeat(1_000_000))).toBeUndefined();
    expect(read('<A>(\\[<B>\\])?: <C>', '['.repeat(1_000_000))).toBeUndefined();
  });

  it.each(['', 'text', '<A><B>', '<A> <A>', '(<A>)? <B>', '<A>(x<B><C>)?: <D>'])(
    'refuses "%s"',
    (pattern) => {
      expect(() => compileTextPattern(pattern)).toThrow(
        expect.objectContaining({ code: 'log-records/format' }),
      );
    },
  );
});
