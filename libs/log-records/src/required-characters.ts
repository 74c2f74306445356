import { parsePattern, type PatternNode } from './pattern-syntax';

/**
 * The single characters that every text found by an expression contains.
 *
 * @param source an ECMAScript expression without flags that compiles
 * @returns each once, in order of appearance; a text without one of them need not be searched
 */
export function findRequiredCharacters(source: string): readonly string[] {
  return [...new Set(requiredIn(parsePattern(source)))];
}

function requiredIn(node: PatternNode): readonly string[] {
  switch (node.kind) {
    case 'set': {
      const [range, ...others] = node.units;
      const isSingle = range && others.length === 0 && range[0] === range[1];
      return isSingle ? [String.fromCharCode(range[0])] : [];
    }
    case 'sequence':
      return node.parts.flatMap(requiredIn);
    case 'repeat':
      return node.least > 0 ? requiredIn(node.body) : [];
    case 'choice': {
      const [first = [], ...others] = node.options.map(requiredIn);
      return first.filter((character) => others.every((option) => option.includes(character)));
    }
    default:
      return [];
  }
}
