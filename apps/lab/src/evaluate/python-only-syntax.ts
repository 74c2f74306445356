const SYNTAX: readonly (readonly [found: RegExp, what: string])[] = [
  [/^\(\?P[<=>]/, "Python's named group"],
  [/^\(\?#/, 'a comment'],
  [/^\(\?\(/, 'a conditional group'],
  [/^\(\?>/, 'an atomic group'],
  [/^\(\?[aiLmsux-]+[:)]/, 'inline flags'],
  [/^(?:[*+?]|\{\d*,?\d*\})\+/, 'a possessive quantifier'],
  [/^\{,\d+\}/, 'a quantifier without a lower bound'],
  [/^\\[AZaNU]/, "Python's escape"],
];

/**
 * What in a regular expression only Python understands, or understands otherwise than ECMAScript.
 *
 * Source: the re module of Python 3.11 beside ECMA-262.
 *
 * @param pattern source of the expression
 * @returns the reason for people; undefined when there is none, which is no promise that the expression compiles
 */
export function findPythonOnlySyntax(pattern: string): string | undefined {
  let isInClass = false;
  for (let at = 0; at < pattern.length; at++) {
    const rest = pattern.slice(at, at + 32);
    const found = SYNTAX.find(([syntax]) => syntax.test(rest) && (!isInClass || rest[0] === '\\'));
    const text = found?.[0].exec(rest)?.[0];
    if (found && text !== undefined) return `"${text}" at ${at} is ${found[1]}`;
    if (pattern[at] === '\\') at++;
    else if (isInClass) isInClass = pattern[at] !== ']';
    else if (pattern[at] === '[') {
      isInClass = true;
      if (/^\[\^?\]/.test(rest))
        return `the "]" that opens a class at ${at} is a member in Python alone`;
    }
  }
  return undefined;
}
