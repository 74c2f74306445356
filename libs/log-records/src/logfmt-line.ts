import { readFields } from './field-names';
import { type LineParts, newAttributes } from './log-record';

const MAX_FIELDS = 128;
// One pair: a name, `=`, then a quoted value with escapes or a bare one.
const PAIR = /([\w.@/-]{1,128})=(?:"((?:[^"\\]|\\[\s\S])*)"|([^\s"]*))(?=\s|$)/y;
const SPACES = /\s*/y;

/**
 * Reads `name=value name="quoted value" …`.
 *
 * @returns undefined when the line is not made of such pairs alone
 */
export function readLogfmtLine(line: string, receivedAtMs: number): LineParts | undefined {
  const fields = newAttributes();
  let count = 0;
  let at = 0;
  for (;;) {
    SPACES.lastIndex = at;
    SPACES.test(line);
    at = SPACES.lastIndex;
    if (at >= line.length) break;
    PAIR.lastIndex = at;
    const pair = PAIR.exec(line);
    if (!pair) return undefined;
    const [, name = '', quoted, bare = ''] = pair;
    if (count < MAX_FIELDS) {
      if (!(name in fields)) count++;
      fields[name] = quoted === undefined ? bare : unescape(quoted);
    }
    at = PAIR.lastIndex;
  }
  return count === 0 ? undefined : readFields(fields, receivedAtMs);
}

function unescape(quoted: string): string {
  if (!quoted.includes('\\')) return quoted;
  return quoted.replace(/\\([\s\S])/g, (_pair, escaped: string) =>
    escaped === 'n' ? '\n' : escaped === 't' ? '\t' : escaped,
  );
}
