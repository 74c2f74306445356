import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MARK, PieceBuffer, VARIABLE } from './piece-buffer';
import { PieceScanner } from './piece-scanner';

const scanner = new PieceScanner(['NUM', 'IP'], '<', '>');

function piecesOf(text: string): string[] {
  const buffer = new PieceBuffer();
  buffer.load(text);
  scanner.read(buffer);
  return Array.from({ length: buffer.count }, (_, index) => {
    const piece = buffer.text(index);
    return buffer.kinds[index] === VARIABLE ? `{${piece}}` : piece;
  });
}

describe('PieceScanner', () => {
  it.each([
    ['a key and its value', 'port=<NUM>', ['port', '=', '{<NUM>}']],
    ['a key without a value', 'user= host=a', ['user', '=', '{}', 'host', '=', 'a']],
    ['an equals sign on its own', 'a = b', ['a', '=', 'b']],
    ['empty brackets', 'run() [] {}', ['run', '(', '{}', ')', '[', '{}', ']', '{', '{}', '}']],
    ['empty quotes', 'tag="" x', ['tag', '=', '"', '{}', '"', 'x']],
    ['a quote that closes', '"a"" b', ['"', 'a', '"', '"', 'b']],
    ['a list', '[<IP>, <IP>,<NUM>; <IP>]', ['[', '{<IP>, <IP>,<NUM>; <IP>}', ']']],
    ['masks in a row', 'delete <NUM> <NUM> now', ['delete', '{<NUM> <NUM>}', 'now']],
    ['a mask at the end of a word', 'task_<NUM>', ['task_<NUM>']],
    ['a mask before letters', '<NUM>ms', ['{<NUM>ms}']],
    ['a mask with marks of a word around it', '-<NUM>.', ['{-<NUM>.}']],
    ['what looks like a mask', '<none> <NUM', ['<', 'none', '>', '<', 'NUM']],
    ['the wildcard', 'a <*> b', ['a', '{<*>}', 'b']],
    ['nothing', ' \t ', []],
  ])('cuts %s', (_, text, pieces) => {
    expect(piecesOf(text)).toEqual(pieces);
  });

  it('makes one variable of what is beyond its limit', () => {
    const pieces = piecesOf('word '.repeat(10_000));

    expect(pieces).toHaveLength(257);
    expect(pieces.at(-1)?.startsWith('{word word')).toBe(true);
  });

  it('loses no character of any line', () => {
    const unit = fc.constantFrom(
      ...'aZ9 \t=,;:()[]{}"\'<>|*\u0000\ud800é'.split(''),
      '<NUM>',
      '<IP>',
    );
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 60 }), (units) => {
        const text = units.join('');
        const buffer = new PieceBuffer();
        buffer.load(text);
        scanner.read(buffer);
        let end = 0;
        for (let index = 0; index < buffer.count; index++) {
          const start = buffer.starts[index] as number;
          expect(text.slice(end, start).trim()).toBe('');
          if (buffer.kinds[index] === MARK) expect(buffer.ends[index]).toBe(start + 1);
          end = buffer.ends[index] as number;
        }
        expect(text.slice(end).trim()).toBe('');
      }),
    );
  });
});
