import type { MaskAutomaton } from './mask-automaton';

/** With so many bits a class, three neighbouring classes make a table of 32 KiB. */
const MAX_BITS_OF_THREE = 5;

/** Tells by a few neighbouring classes whether a mask may begin at a place. */
export class BeginTable {
  /** Bits of a class in a code. */
  readonly bits: number;
  /** The bits that a code keeps. */
  readonly mask: number;
  /** How many classes behind the first one of a mask a code has. */
  readonly ahead: number;
  /** Classes before, at and, where `ahead` is 1, behind a place, the last in the lowest bits → 1 when a mask may begin. */
  readonly table: Uint8Array;

  /** @param width how many classes there are */
  constructor(automata: readonly MaskAutomaton[], width: number) {
    this.bits = 32 - Math.clz32(width - 1);
    this.ahead = this.bits <= MAX_BITS_OF_THREE ? 1 : 0;
    this.table = new Uint8Array(1 << (this.bits * (2 + this.ahead)));
    this.mask = this.table.length - 1;
    for (const automaton of automata) {
      for (let before = 0; before < width; before++) {
        for (let at = 0; at < width; at++) this.mark(automaton, before, at, width);
      }
    }
  }

  mayBegin(before: number, at: number, behind: number): boolean {
    const two = (before << this.bits) | at;
    return this.table[this.ahead === 0 ? two : (two << this.bits) | behind] !== 0;
  }

  private mark(automaton: MaskAutomaton, before: number, at: number, width: number): void {
    const { table, starts, guard, guardLength } = automaton;
    if (guardLength > 0 && guard[before] !== 1) return;
    const row = (table[(starts[before] as number) + at] as number) >> 1;
    if (row === 0) return;
    const two = (before << this.bits) | at;
    if (this.ahead === 0) {
      this.table[two] = 1;
      return;
    }
    for (let behind = 0; behind < width; behind++) {
      if (table[row + behind] !== 0) this.table[(two << this.bits) | behind] = 1;
    }
  }
}
