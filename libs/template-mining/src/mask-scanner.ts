import { type UnitSet, WORD_UNITS } from '@logbert/log-records';
import { BeginTable } from './begin-table';
import { JointAutomaton } from './joint-automaton';
import { MaskAutomaton } from './mask-automaton';
import { ALL_RULES, MaskPlaces, NO_RULE } from './mask-places';
import { buildMaskProgram, type MaskProgram } from './mask-program';
import { HASH_FACTOR, HASH_SEED, textOf, type TokenBuffer } from './token-buffer';
import { contains, UnitClasses } from './unit-classes';

/** A rule that an automaton can do the work of. */
export interface ScannedRule {
  readonly program: MaskProgram;
  /** The rule's expression, to look into masks with. */
  readonly pattern: RegExp;
  /** What stands for a find. */
  readonly mask: string;
}

/** Rules are bits of a number. */
export const MAX_SCANNED_RULES = 30;
const MAX_CLASSES = 120;
/** Runs longer than this are left to the single rules, which go on behind a find: all places' runs together stay linear. */
const MAX_RUN = 64;
const INITIAL_LINE = 4_096;
const KEPT_LINE = 262_144;

/** Parses a rule; undefined when its expression needs a real matcher. */
export function buildScannedRule(
  source: string,
  pattern: RegExp,
  mask: string,
): ScannedRule | undefined {
  const program = mask === '' ? undefined : buildMaskProgram(source);
  return program && { program, pattern, mask };
}

/**
 * Whether a rule may join others before it: it then sees their masks as something it can neither pass nor begin in, so
 * that it is all the same whether they are in place yet.
 */
export function canFollow(rule: ScannedRule, earlier: readonly ScannedRule[]): boolean {
  const sets = setsOf(rule.program, false);
  return earlier.every(({ mask }) => {
    const first = mask.charCodeAt(0);
    const last = mask.charCodeAt(mask.length - 1);
    const isSame =
      rule.mask.charCodeAt(0) === first && rule.mask.charCodeAt(rule.mask.length - 1) === last;
    return (
      isSame &&
      !sets.some((units) => contains(units, first) || contains(units, last)) &&
      mask.search(rule.pattern) < 0
    );
  });
}

/** All sets of a program, or those only that a find or its guard is made of. */
function setsOf({ instructions, guard }: MaskProgram, withLooks: boolean): readonly UnitSet[] {
  return [
    ...guard,
    ...instructions.flatMap((instruction) => {
      if (instruction.op === 'unit') return [instruction.units];
      if (!withLooks || instruction.op !== 'look') return [];
      return instruction.look.kind === 'word' ? [WORD_UNITS] : instruction.look.sets;
    }),
  ];
}

/**
 * Applies several rules, each to what the earlier ones left, without building the texts between.
 *
 * One pass over the line classes its code units and notes the places where a rule may begin, by neighbouring classes. At
 * each of them one run tells what every rule finds there on the line as it is. Then the rules choose in order: what one has
 * found is blotted out for the later ones, and those that had looked at it look again. A last pass writes the masked
 * line, split and hashed.
 */
export class MaskScanner {
  private line = new Uint16Array(INITIAL_LINE);
  private kinds = new Uint8Array(INITIAL_LINE);
  private readonly places = new MaskPlaces();
  private readonly width: number;
  private readonly longestMask: number;
  private readonly masks: readonly Uint16Array[];

  private constructor(
    private readonly classes: UnitClasses,
    private readonly automata: readonly MaskAutomaton[],
    private readonly joint: JointAutomaton,
    private readonly begins: BeginTable,
    rules: readonly ScannedRule[],
  ) {
    this.width = classes.count + 2;
    this.masks = rules.map(({ mask }) =>
      Uint16Array.from(mask, (_, index) => mask.charCodeAt(index)),
    );
    this.longestMask = Math.max(...this.masks.map(({ length }) => length));
  }

  /** @returns undefined when the tables would be too large */
  static build(rules: readonly ScannedRule[]): MaskScanner | undefined {
    const sets = rules.flatMap(({ program }) => setsOf(program, true));
    const [mask = ''] = rules.map((rule) => rule.mask);
    const borders = [mask.charCodeAt(0), mask.charCodeAt(mask.length - 1)] as const;
    const borderSets = borders.map((unit): UnitSet => [[unit, unit]]);
    const classes = UnitClasses.build([...sets, ...borderSets], MAX_CLASSES);
    if (!classes) return undefined;
    const surroundings = {
      classes,
      edge: classes.count,
      masked: classes.count + 1,
      maskStart: classes.of[borders[0]] as number,
      maskEnd: classes.of[borders[1]] as number,
    };
    const automata: MaskAutomaton[] = [];
    for (const { program } of rules) {
      const automaton = MaskAutomaton.build(program, surroundings);
      if (!automaton) return undefined;
      automata.push(automaton);
    }
    const joint = JointAutomaton.build(automata, classes.count + 2);
    if (!joint) return undefined;
    const begins = new BeginTable(automata, classes.count + 2);
    return new MaskScanner(classes, automata, joint, begins, rules);
  }

  /** The line with its masks in place, white space as it was. */
  mask(text: string, buffer: TokenBuffer): string {
    if (!this.findAll(text)) return text;
    const end = this.write(text.length, buffer, false);
    return textOf(buffer.units, 0, end);
  }

  /** As `mask`, into the buffer's code units; returns how many they are. */
  maskInto(text: string, buffer: TokenBuffer): number {
    this.findAll(text);
    return this.write(text.length, buffer, false);
  }

  /** The masked line's tokens. */
  tokenise(text: string, buffer: TokenBuffer): void {
    this.findAll(text);
    this.write(text.length, buffer, true);
  }

  /** Finds what all rules find; false when that is nothing. */
  private findAll(text: string): boolean {
    this.readLine(text);
    let open = this.findAtPlaces();
    let isFound = false;
    while (open !== 0) {
      const rule = 31 - Math.clz32(open & -open);
      open &= open - 1;
      if (!this.choose(rule)) continue;
      isFound = true;
      if (rule === this.automata.length - 1) break;
      // A rule that looks again may find what it did not.
      if (this.blot(rule, text.length)) open = 2 ** this.automata.length - (2 << rule);
    }
    return isFound;
  }

  /** Classes the line and notes the places where rules may begin. */
  private readLine(text: string): void {
    const { length } = text;
    this.reserve(length);
    const { line, kinds, places } = this;
    const { of: kindOf, count: edge } = this.classes;
    const { table, bits, mask, ahead } = this.begins;
    let starts: Int32Array = places.starts;
    let count = 0;
    let code = (edge << bits) | edge;
    kinds[length] = edge;
    for (let at = 0; at < length; at++) {
      const unit = text.charCodeAt(at);
      const kind = kindOf[unit] as number;
      line[at] = unit;
      kinds[at] = kind;
      code = ((code << bits) | kind) & mask;
      if (table[code] === 0) continue;
      if (count === starts.length) starts = places.grow(count + 1);
      starts[count++] = at - ahead;
    }
    if (ahead > 0 && table[((code << bits) | edge) & mask] !== 0) {
      if (count === starts.length) starts = places.grow(count + 1);
      starts[count++] = length - ahead;
    }
    places.count = count;
  }

  /** Runs all automata at every place; returns the rules with a find, as bits. */
  private findAtPlaces(): number {
    const { kinds, places } = this;
    const { table, found, starts: rows } = this.joint;
    const { count, starts, reaches, candidates, finders, ends } = places;
    let all = 0;
    let reach = 0;
    for (let index = 0; index < count; index++) {
      let at = starts[index] as number;
      const limit = at + MAX_RUN;
      let row = rows[at > 0 ? (kinds[at - 1] as number) : this.classes.count] as number;
      let rules = 0;
      for (; row !== 0 && at < limit; at++) {
        row += kinds[at] as number;
        const cell = table[row] as number;
        if ((cell & 1) !== 0) {
          rules |= found[row] as number;
          ends[index] = at;
        }
        row = cell >> 1;
      }
      if (row !== 0) rules = ALL_RULES;
      if (at > reach) reach = at;
      reaches[index] = reach;
      candidates[index] = rules;
      finders[index] = NO_RULE;
      all |= rules;
    }
    return all & (2 ** this.automata.length - 1);
  }

  /** Takes a rule's finds from left to right, without those that begin in an earlier one. */
  private choose(rule: number): boolean {
    const { kinds, places } = this;
    const { count, starts, candidates, ends, finders } = places;
    const { guardLength } = this.automata[rule] as MaskAutomaton;
    const { count: edge } = this.classes;
    const bit = 1 << rule;
    let last = 0;
    for (let index = 0; index < count; index++) {
      if (((candidates[index] as number) & bit) === 0) continue;
      const start = starts[index] as number;
      if (start < last || kinds[start] === edge + 1) continue;
      if (guardLength > 0 && !this.isGuarded(start, rule)) continue;
      // Where one rule alone finds something, the joint run knows its end.
      const end = candidates[index] === bit ? (ends[index] as number) : this.run(start, rule);
      if (end === 0) continue;
      ends[index] = end;
      finders[index] = rule;
      last = end;
    }
    return last > 0;
  }

  /** Where the find of one rule at a place ends, 0 when there is none. */
  private run(start: number, rule: number): number {
    const { kinds } = this;
    const { table, starts } = this.automata[rule] as MaskAutomaton;
    let row = starts[start > 0 ? (kinds[start - 1] as number) : this.classes.count] as number;
    let end = 0;
    for (let at = start; row !== 0; at++) {
      const cell = table[row + (kinds[at] as number)] as number;
      if ((cell & 1) !== 0) end = at;
      row = cell >> 1;
    }
    return end;
  }

  private isGuarded(start: number, rule: number): boolean {
    const { guard, guardLength } = this.automata[rule] as MaskAutomaton;
    if (start < guardLength) return false;
    for (let distance = 0; distance < guardLength; distance++) {
      const kind = this.kinds[start - 1 - distance] as number;
      if (guard[distance * this.width + kind] !== 1) return false;
    }
    return true;
  }

  /** Hides from later rules what a rule found; true when they have to look at a place again. */
  private blot(rule: number, length: number): boolean {
    const { kinds, places, begins } = this;
    const { count, starts, ends, finders } = places;
    const { count: edge } = this.classes;
    const masked = edge + 1;
    let isTouched = false;
    for (let index = 0; index < count; index++) {
      if (finders[index] !== rule) continue;
      const start = starts[index] as number;
      const end = ends[index] as number;
      for (let at = start; at < end; at++) kinds[at] = masked;
      if (places.touch(index, start)) isTouched = true;
      if (start > 0 && kinds[start - 1] !== masked) {
        const before = start > 1 ? (kinds[start - 2] as number) : edge;
        if (begins.mayBegin(before, kinds[start - 1] as number, masked)) places.gain(start - 1);
      }
      const after = end + 1 < length ? (kinds[end + 1] as number) : edge;
      if (end < length && begins.mayBegin(masked, kinds[end] as number, after)) places.gain(end);
    }
    return places.addGained() || isTouched;
  }

  /**
   * Writes the masked line.
   *
   * @param isSplit whether white space ends tokens and is left out
   * @returns how many code units were written
   */
  private write(length: number, buffer: TokenBuffer, isSplit: boolean): number {
    const { line, kinds, masks } = this;
    const { count: placeCount, starts: places, ends, finders } = this.places;
    const { count: edge, firstSpace } = this.classes;
    // Blots are beyond the edge: nothing there is white space.
    const space = isSplit ? firstSpace : edge;
    buffer.reserve(length + placeCount * this.longestMask, (length >> 1) + placeCount + 1);
    const { units, starts, ends: tokenEnds, hashes } = buffer;
    let next = 0;
    let count = 0;
    let start = 0;
    let out = 0;
    let hash = HASH_SEED;
    for (let at = 0; at < length;) {
      while (next < placeCount && finders[next] === NO_RULE) next++;
      const stop = next < placeCount ? (places[next] as number) : length;
      for (; at < stop; at++) {
        if ((kinds[at] as number) < space) {
          const unit = line[at] as number;
          units[out++] = unit;
          hash = Math.imul(hash ^ unit, HASH_FACTOR);
        } else if (out > start) {
          starts[count] = start;
          tokenEnds[count] = out;
          hashes[count++] = hash;
          start = out;
          hash = HASH_SEED;
        }
      }
      if (next === placeCount) break;
      const mask = masks[finders[next] as number] as Uint16Array;
      for (let index = 0; index < mask.length; index++) {
        const unit = mask[index] as number;
        units[out++] = unit;
        hash = Math.imul(hash ^ unit, HASH_FACTOR);
      }
      at = ends[next++] as number;
    }
    if (out > start) {
      starts[count] = start;
      tokenEnds[count] = out;
      hashes[count++] = hash;
    }
    buffer.count = count;
    return out;
  }

  private reserve(length: number): void {
    if (length < this.line.length && this.line.length <= KEPT_LINE) return;
    const room = Math.max(INITIAL_LINE, length + 1);
    if (room === this.line.length) return;
    this.line = new Uint16Array(room);
    this.kinds = new Uint8Array(room);
    this.places.shrink();
  }
}
