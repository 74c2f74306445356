const IDIOMS: readonly (readonly [idiom: RegExp, simpler: string])[] = [
  [/^\(\(\?<=\[\^([A-Za-z0-9_-]+)\]\)\|\^\)/, '(?<!['],
  [/^\(\(\?=\[\^([A-Za-z0-9_-]+)\]\)\|\$\)/, '(?!['],
];
const REFERENCE = /\\[1-9]|\\k<|\(\?<[A-Za-z_$]/;

/**
 * Rewrites an expression into one that finds the same text faster: groups no longer capture, and drain3's way of writing
 * "nothing of this kind before or behind" becomes a look around.
 *
 * @param source the source of an expression without flags that compiles; with references or named groups it stays as it is
 */
export function simplerPattern(source: string): string {
  if (REFERENCE.test(source)) return source;
  let simpler = '';
  let isInClass = false;
  for (let at = 0; at < source.length; at++) {
    const character = source[at] as string;
    if (character === '\\') {
      simpler += character + (source[++at] ?? '');
      continue;
    }
    if (isInClass) isInClass = character !== ']';
    else if (character === '[') isInClass = true;
    else if (character === '(') {
      const idiom = findIdiom(source.slice(at, at + 80));
      if (idiom) {
        simpler += idiom.simpler;
        at += idiom.length - 1;
        continue;
      }
      simpler += source[at + 1] === '?' ? '(' : '(?:';
      continue;
    }
    simpler += character;
  }
  return simpler;
}

function findIdiom(source: string): { simpler: string; length: number } | undefined {
  for (const [idiom, simpler] of IDIOMS) {
    const found = idiom.exec(source);
    if (found) return { simpler: `${simpler}${found[1] ?? ''}])`, length: found[0].length };
  }
  return undefined;
}
