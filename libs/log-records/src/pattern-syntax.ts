/** Inclusive ranges of UTF-16 code units, ascending, not touching. */
export type UnitSet = readonly (readonly [from: number, to: number])[];

/** A regular expression without what its groups capture. */
export type PatternNode =
  | { readonly kind: 'set'; readonly units: UnitSet }
  | { readonly kind: 'edge'; readonly edge: '^' | '$' | '\\b' | '\\B' }
  | {
      readonly kind: 'look';
      readonly body: PatternNode;
      readonly isBehind: boolean;
      readonly isNegative: boolean;
    }
  | { readonly kind: 'reference' }
  | { readonly kind: 'sequence'; readonly parts: readonly PatternNode[] }
  | { readonly kind: 'choice'; readonly options: readonly PatternNode[] }
  | {
      readonly kind: 'repeat';
      readonly body: PatternNode;
      readonly least: number;
      readonly most: number;
      readonly isLazy: boolean;
    };

const LAST_UNIT = 0xffff;
export const ANY_UNIT: UnitSet = [[0, LAST_UNIT]];
const DIGITS: UnitSet = [[0x30, 0x39]];
export const WORD_UNITS: UnitSet = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
];
const SPACES: UnitSet = [
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
];
const LINE_ENDS: UnitSet = [
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
];
const CONTROLS: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, 0: 0 };

/** Parses the source of an ECMAScript expression without flags that is known to compile. */
export function parsePattern(source: string): PatternNode {
  return new PatternParser(source).choice();
}

class PatternParser {
  private at = 0;

  constructor(private readonly source: string) {}

  choice(): PatternNode {
    const options = [this.sequence()];
    while (this.take('|')) options.push(this.sequence());
    return options.length === 1 ? (options[0] as PatternNode) : { kind: 'choice', options };
  }

  private sequence(): PatternNode {
    const parts: PatternNode[] = [];
    while (this.at < this.source.length && !'|)'.includes(this.source[this.at] as string)) {
      parts.push(this.quantified(this.atom()));
    }
    return parts.length === 1 ? (parts[0] as PatternNode) : { kind: 'sequence', parts };
  }

  private quantified(body: PatternNode): PatternNode {
    let least: number;
    let most: number;
    const counted = /^\{(\d+)(,(\d*))?\}/.exec(this.source.slice(this.at, this.at + 40));
    if (this.take('*')) [least, most] = [0, Infinity];
    else if (this.take('+')) [least, most] = [1, Infinity];
    else if (this.take('?')) [least, most] = [0, 1];
    else if (counted) {
      this.at += counted[0].length;
      least = Number(counted[1]);
      most = counted[2] === undefined ? least : counted[3] ? Number(counted[3]) : Infinity;
    } else return body;
    return { kind: 'repeat', body, least, most, isLazy: this.take('?') };
  }

  private atom(): PatternNode {
    const character = this.source[this.at++] as string;
    switch (character) {
      case '(':
        return this.group();
      case '[':
        return { kind: 'set', units: this.characterClass() };
      case '.':
        return { kind: 'set', units: complement(LINE_ENDS) };
      case '^':
      case '$':
        return { kind: 'edge', edge: character };
      case '\\':
        return this.escaped();
      default:
        return { kind: 'set', units: single(character.charCodeAt(0)) };
    }
  }

  private group(): PatternNode {
    const look = /^\?(<?)([=!])/.exec(this.source.slice(this.at, this.at + 3));
    if (look) this.at += look[0].length;
    else if (!this.take('?:') && this.take('?<')) this.at = this.source.indexOf('>', this.at) + 1;
    const body = this.choice();
    this.at++;
    if (!look) return body;
    return { kind: 'look', body, isBehind: look[1] === '<', isNegative: look[2] === '!' };
  }

  private escaped(): PatternNode {
    const next = this.source[this.at] ?? '';
    if (next === 'b' || next === 'B') {
      this.at++;
      return { kind: 'edge', edge: next === 'b' ? '\\b' : '\\B' };
    }
    if (/[1-9]/.test(next) || (next === 'k' && this.source[this.at + 1] === '<')) {
      const name = /^(?:\d+|k<[^>]*>)/.exec(this.source.slice(this.at));
      this.at += name?.[0].length ?? 1;
      return { kind: 'reference' };
    }
    return { kind: 'set', units: this.escapedUnits() };
  }

  /** What stands after a backslash, in a class or outside. */
  private escapedUnits(): UnitSet {
    const rest = this.source.slice(this.at, this.at + 5);
    const code = /^(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|c([a-zA-Z]))/.exec(rest);
    if (code) {
      this.at += code[0].length;
      const letter = code[3];
      return single(letter ? letter.charCodeAt(0) & 0x1f : parseInt(code[1] ?? code[2] ?? '0', 16));
    }
    const next = this.source[this.at++] ?? '\\';
    switch (next) {
      case 'd':
        return DIGITS;
      case 'D':
        return complement(DIGITS);
      case 'w':
        return WORD_UNITS;
      case 'W':
        return complement(WORD_UNITS);
      case 's':
        return SPACES;
      case 'S':
        return complement(SPACES);
      default:
        return single(CONTROLS[next] ?? next.charCodeAt(0));
    }
  }

  private characterClass(): UnitSet {
    const isNegated = this.take('^');
    let units: UnitSet = [];
    while (this.at < this.source.length && this.source[this.at] !== ']') {
      const from = this.classMember();
      const lone = from.length === 1 && from[0]?.[0] === from[0]?.[1] ? from[0]?.[0] : undefined;
      if (lone !== undefined && this.source[this.at] === '-' && this.source[this.at + 1] !== ']') {
        this.at++;
        const to = this.classMember();
        const last = to[0]?.[0];
        // `[a-\d]`: three members, not a range.
        if (to.length === 1 && last !== undefined && last === to[0]?.[1] && last >= lone) {
          units = union(units, [[lone, last]]);
        } else units = union(union(units, from), union(to, single(0x2d)));
      } else units = union(units, from);
    }
    this.at++;
    return isNegated ? complement(units) : units;
  }

  private classMember(): UnitSet {
    const character = this.source[this.at++] as string;
    if (character !== '\\') return single(character.charCodeAt(0));
    if (this.take('b')) return single(0x08);
    return this.escapedUnits();
  }

  private take(text: string): boolean {
    if (!this.source.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }
}

function single(unit: number): UnitSet {
  return [[unit, unit]];
}

function union(left: UnitSet, right: UnitSet): UnitSet {
  const merged: [number, number][] = [];
  for (const [from, to] of [...left, ...right].sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}

function complement(units: UnitSet): UnitSet {
  const others: [number, number][] = [];
  let next = 0;
  for (const [from, to] of units) {
    if (from > next) others.push([next, from - 1]);
    next = to + 1;
  }
  if (next <= LAST_UNIT) others.push([next, LAST_UNIT]);
  return others;
}
