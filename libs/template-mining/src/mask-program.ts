import { parsePattern, type PatternNode, type UnitSet } from '@logbert/log-records';

/** What must stand beside a place for a search to go on from it. */
export type Look =
  | { readonly kind: 'word'; readonly isNegative: boolean }
  | {
      readonly kind: 'unit';
      readonly isBehind: boolean;
      readonly isNegative: boolean;
      readonly sets: readonly UnitSet[];
      /** Whether the edge of the text will do as well. */
      readonly orEdge: boolean;
      /** Whether anything will do. */
      readonly orAny: boolean;
    };

/** One step of a backtracking search; without a target it goes on with the next instruction. */
export type Instruction =
  | { readonly op: 'unit'; readonly units: UnitSet }
  | { readonly op: 'look'; readonly look: Look }
  | { op: 'split'; preferred: number; other: number }
  | { op: 'jump'; to: number }
  | { readonly op: 'found' };

/** A search without memory: what it finds from a place depends on the units it passes and one on either side. */
export interface MaskProgram {
  readonly instructions: readonly Instruction[];
  /** What the units before the beginning must be, the nearest first. */
  readonly guard: readonly UnitSet[];
}

const MAX_INSTRUCTIONS = 1_500;
/** Old octal and control escapes, named references, and groups that switch flags mean more than the parser knows. */
const UNKNOWN_SYNTAX = /\\(?:[0-9]|c|k)|\(\?(?![:=!<])/;

/**
 * Translates an expression into a program for an automaton.
 *
 * @param source an ECMAScript expression without flags that compiles
 * @returns undefined for what needs a real matcher: references, looks around that see more than one unit (a look behind in
 * front of everything may see a word), repetitions of what may be empty, finds that may be empty, and what gets too long
 */
export function buildMaskProgram(source: string): MaskProgram | undefined {
  if (UNKNOWN_SYNTAX.test(source)) return undefined;
  const { guard, body } = splitGuard(parsePattern(source));
  if (isNullable(body)) return undefined;
  const builder = new ProgramBuilder();
  builder.add(body);
  return builder.isWhole ? { instructions: builder.finish(), guard } : undefined;
}

/** Takes a look behind of two units and more off the front. */
function splitGuard(root: PatternNode): { guard: readonly UnitSet[]; body: PatternNode } {
  const [first, ...rest] = root.kind === 'sequence' ? root.parts : [root];
  if (first?.kind === 'look' && first.isBehind && !first.isNegative) {
    const parts = first.body.kind === 'sequence' ? first.body.parts : [];
    const sets = parts.flatMap((part) => (part.kind === 'set' ? [part.units] : []));
    if (sets.length > 1 && sets.length === parts.length) {
      return { guard: sets.reverse(), body: { kind: 'sequence', parts: rest } };
    }
  }
  return { guard: [], body: root };
}

function isNullable(node: PatternNode): boolean {
  switch (node.kind) {
    case 'set':
      return false;
    case 'sequence':
      return node.parts.every(isNullable);
    case 'choice':
      return node.options.some(isNullable);
    case 'repeat':
      return node.least === 0 || isNullable(node.body);
    default:
      return true;
  }
}

class ProgramBuilder {
  isWhole = true;
  private readonly instructions: Instruction[] = [];

  finish(): readonly Instruction[] {
    return [...this.instructions, { op: 'found' }];
  }

  add(node: PatternNode): void {
    if (!this.isWhole) return;
    if (this.instructions.length > MAX_INSTRUCTIONS) {
      this.isWhole = false;
      return;
    }
    switch (node.kind) {
      case 'set':
        this.instructions.push({ op: 'unit', units: node.units });
        return;
      case 'sequence':
        for (const part of node.parts) this.add(part);
        return;
      case 'choice':
        this.addChoice(node.options);
        return;
      case 'repeat':
        this.addRepeat(node);
        return;
      default:
        this.addLook(node);
    }
  }

  private addChoice(options: readonly PatternNode[]): void {
    const ends: { to: number }[] = [];
    for (const [index, option] of options.entries()) {
      if (index === options.length - 1) this.add(option);
      else {
        const split = this.push({ op: 'split', preferred: this.next + 1, other: 0 });
        this.add(option);
        ends.push(this.push({ op: 'jump', to: 0 }));
        split.other = this.next;
      }
    }
    for (const end of ends) end.to = this.next;
  }

  private addRepeat({ body, least, most, isLazy }: Extract<PatternNode, { kind: 'repeat' }>): void {
    if (isNullable(body)) {
      this.isWhole = false;
      return;
    }
    for (let copy = 0; copy < least && this.isWhole; copy++) this.add(body);
    const exits: ((to: number) => void)[] = [];
    const start = this.next;
    const copies = most === Infinity ? 1 : most - least;
    for (let copy = 0; copy < copies && this.isWhole; copy++) {
      const split = this.push({ op: 'split', preferred: this.next + 1, other: this.next + 1 });
      exits.push((to) => (isLazy ? (split.preferred = to) : (split.other = to)));
      this.add(body);
    }
    if (most === Infinity) this.push({ op: 'jump', to: start });
    for (const exit of exits) exit(this.next);
  }

  private addLook(node: PatternNode): void {
    const look = lookOf(node);
    if (look) this.instructions.push({ op: 'look', look });
    else this.isWhole = false;
  }

  private get next(): number {
    return this.instructions.length;
  }

  private push<T extends Instruction>(instruction: T): T {
    this.instructions.push(instruction);
    return instruction;
  }
}

function lookOf(node: PatternNode): Look | undefined {
  if (node.kind === 'edge') {
    if (node.edge === '\\b' || node.edge === '\\B') {
      return { kind: 'word', isNegative: node.edge === '\\B' };
    }
    const isBehind = node.edge === '^';
    return { kind: 'unit', isBehind, isNegative: false, sets: [], orEdge: true, orAny: false };
  }
  if (node.kind !== 'look') return undefined;
  const { isBehind, isNegative, body } = node;
  const options = body.kind === 'choice' ? body.options : [body];
  const sets: UnitSet[] = [];
  let orEdge = false;
  let orAny = false;
  for (const option of options) {
    if (option.kind === 'set') sets.push(option.units);
    else if (option.kind === 'edge' && option.edge === (isBehind ? '^' : '$')) orEdge = true;
    else if (option.kind === 'sequence' && option.parts.length === 0) orAny = true;
    else return undefined;
  }
  return { kind: 'unit', isBehind, isNegative, sets, orEdge, orAny };
}
