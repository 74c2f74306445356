import { WORD_UNITS } from '@logbert/log-records';
import type { Instruction, Look, MaskProgram } from './mask-program';
import type { UnitClasses } from './unit-classes';

const MAX_CELLS = 65_536;

/** What the scanner knows of a place in a line: a class of code units, or one of these two. */
export interface Surroundings {
  readonly classes: UnitClasses;
  /** Stands before the first unit and behind the last one. */
  readonly edge: number;
  /** Stands for every unit that a mask has replaced. */
  readonly masked: number;
  /** Class of a mask's first and last unit. */
  readonly maskStart: number;
  readonly maskEnd: number;
}

/**
 * A mask's expression as a table: one look-up a unit finds what a backtracking matcher would find from a place.
 *
 * Source: Cox, "Regular Expression Matching in the Wild", 2010: a state is the list of places in the program where a
 * backtracking matcher would go on, the preferred first; whatever comes behind a find is dropped. What a place needs on its
 * right is known one unit later, so a find is told on leaving its last unit.
 */
export class MaskAutomaton {
  private constructor(
    /** `row + class` → twice the next row, plus 1 when a find ends before this unit; row 0 leads nowhere. */
    readonly table: Int32Array,
    /** The row to begin with by the class before. */
    readonly starts: Int32Array,
    /** `distance * width + class` → 1 when the class may stand so far before the beginning. */
    readonly guard: Uint8Array,
    readonly guardLength: number,
  ) {}

  /** @returns undefined when the table would be too large */
  static build(program: MaskProgram, surroundings: Surroundings): MaskAutomaton | undefined {
    const builder = new TableBuilder(program.instructions, surroundings);
    const { classes, width } = builder;
    const starts = Int32Array.from({ length: width }, (_, before) => builder.row([0], before));
    if (!builder.fill()) return undefined;
    const guard = new Uint8Array(program.guard.length * width);
    for (const [distance, units] of program.guard.entries()) {
      for (let kind = 0; kind < classes.count; kind++) {
        if (classes.isIn(units, kind)) guard[distance * width + kind] = 1;
      }
    }
    return new MaskAutomaton(Int32Array.from(builder.cells), starts, guard, program.guard.length);
  }
}

interface State {
  readonly places: readonly number[];
  readonly before: number;
}

class TableBuilder {
  readonly classes: UnitClasses;
  readonly width: number;
  readonly cells: number[];
  private readonly states: State[] = [];
  private readonly rows = new Map<string, number>();
  private readonly seesBefore: readonly boolean[];
  /** Classes before that no look behind tells apart have one number. */
  private readonly sides: readonly number[];

  constructor(
    private readonly instructions: readonly Instruction[],
    private readonly surroundings: Surroundings,
  ) {
    this.classes = surroundings.classes;
    this.width = this.classes.count + 2;
    this.cells = new Array<number>(this.width).fill(0);
    this.seesBefore = instructions.map((_, place) => this.findBehind(place, new Set()));
    this.sides = this.numberSides();
  }

  /** The row of a state, made when it is new. */
  row(places: readonly number[], before: number): number {
    if (places.length === 0) return 0;
    const isSeeing = places.some((place) => this.seesBefore[place]);
    const key = `${places.join()}/${isSeeing ? this.sides[before] : ''}`;
    let row = this.rows.get(key);
    if (row === undefined) {
      this.states.push({ places, before });
      row = this.states.length * this.width;
      this.rows.set(key, row);
    }
    return row;
  }

  /** Works out every state there is; false when they are too many. */
  fill(): boolean {
    for (let index = 0; index < this.states.length; index++) {
      if (this.cells.length > MAX_CELLS) return false;
      const { places, before } = this.states[index] as State;
      for (let next = 0; next < this.width; next++) {
        const reached: number[] = [];
        const isFound = this.step(places, before, next, reached);
        this.cells.push(this.row(reached, next) * 2 + (isFound ? 1 : 0));
      }
    }
    return true;
  }

  /** Follows the places in order of preference; true when one of them finds before `next`. */
  private step(places: readonly number[], before: number, next: number, reached: number[]) {
    const seen = new Set<number>();
    const open = [...places].reverse();
    for (let place = open.pop(); place !== undefined; place = open.pop()) {
      if (seen.has(place)) continue;
      seen.add(place);
      const instruction = this.instructions[place] as Instruction;
      switch (instruction.op) {
        case 'found':
          return true;
        case 'unit':
          if (next < this.classes.count && this.classes.isIn(instruction.units, next)) {
            reached.push(place + 1);
          }
          break;
        case 'look':
          if (this.holds(instruction.look, before, next)) open.push(place + 1);
          break;
        case 'split':
          open.push(instruction.other, instruction.preferred);
          break;
        case 'jump':
          open.push(instruction.to);
      }
    }
    return false;
  }

  private holds(look: Look, before: number, next: number): boolean {
    const { edge, masked, maskStart, maskEnd } = this.surroundings;
    const left = before === masked ? maskEnd : before;
    const right = next === masked ? maskStart : next;
    if (look.kind === 'word') {
      const isWord = (kind: number) => kind !== edge && this.classes.isIn(WORD_UNITS, kind);
      return (isWord(left) !== isWord(right)) !== look.isNegative;
    }
    const kind = look.isBehind ? left : right;
    const isThere =
      look.orAny ||
      (kind === edge ? look.orEdge : look.sets.some((units) => this.classes.isIn(units, kind)));
    return isThere !== look.isNegative;
  }

  private findBehind(place: number, seen: Set<number>): boolean {
    if (seen.has(place)) return false;
    seen.add(place);
    const instruction = this.instructions[place] as Instruction;
    switch (instruction.op) {
      case 'look': {
        const { look } = instruction;
        return look.kind === 'word' || look.isBehind || this.findBehind(place + 1, seen);
      }
      case 'split':
        return (
          this.findBehind(instruction.preferred, seen) || this.findBehind(instruction.other, seen)
        );
      case 'jump':
        return this.findBehind(instruction.to, seen);
      default:
        return false;
    }
  }

  private numberSides(): readonly number[] {
    const looks = this.instructions.flatMap((instruction) =>
      instruction.op === 'look' ? [instruction.look] : [],
    );
    const numbers = new Map<string, number>();
    return Array.from({ length: this.width }, (_, before) => {
      const answers = looks.map((look) =>
        look.kind === 'word' || look.isBehind
          ? this.holds(look, before, this.surroundings.edge)
          : '',
      );
      const key = answers.join();
      const number = numbers.get(key) ?? numbers.size;
      numbers.set(key, number);
      return number;
    });
  }
}
