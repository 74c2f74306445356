import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { forEachLine } from './for-each-line';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'for-each-line-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('forEachLine', () => {
  it.each([
    ['nothing', '', []],
    ['one line without its end', 'a', ['a']],
    ['empty lines', '\n\na\n', ['', '', 'a']],
    ['other line ends as part of the line', 'a\r\nb\rc\u2028d\n', ['a\r', 'b\rc\u2028d']],
  ])('reads %s', (_case, text, expected) => {
    const file = join(folder, 'small');
    writeFileSync(file, text);
    const lines: string[] = [];
    expect(forEachLine(file, (line) => lines.push(line))).toBe(expected.length);
    expect(lines).toEqual(expected);
  });

  it('reads characters and lines that reach over pieces', () => {
    const expected = Array.from({ length: 3_000 }, (_, index) =>
      index === 1_500 ? 'é🙂'.repeat(200_000) : `${index} ${'ä🙂x'.repeat(index % 97)}`,
    );
    const file = join(folder, 'large');
    writeFileSync(file, expected.join('\n'));
    const lines: string[] = [];
    forEachLine(file, (line) => lines.push(line));
    expect(lines).toEqual(expected);
  });
});
