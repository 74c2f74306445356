import type { MaskAutomaton } from './mask-automaton';

const MAX_CELLS = 262_144;

/** The automata of several masks run as one: a look-up a unit serves them all. */
export class JointAutomaton {
  private constructor(
    /** `row + class` → twice the next row, plus 1 when a find ends before this unit; row 0 leads nowhere. */
    readonly table: Int32Array,
    /** `row + class` → the masks that have a find ending before this unit, as bits. */
    readonly found: Int32Array,
    /** The row to begin with by the class before. */
    readonly starts: Int32Array,
  ) {}

  /**
   * @param width how many classes there are
   * @returns undefined when the tables would be too large
   */
  static build(automata: readonly MaskAutomaton[], width: number): JointAutomaton | undefined {
    const states: (readonly number[])[] = [];
    const rows = new Map<string, number>();
    const rowOf = (state: readonly number[]): number => {
      if (state.every((row) => row === 0)) return 0;
      const key = state.join();
      let row = rows.get(key);
      if (row === undefined) {
        states.push(state);
        row = states.length * width;
        rows.set(key, row);
      }
      return row;
    };
    const starts = Int32Array.from({ length: width }, (_, before) =>
      rowOf(automata.map((automaton) => automaton.starts[before] as number)),
    );
    const table = new Array<number>(width).fill(0);
    const found = new Array<number>(width).fill(0);
    for (let index = 0; index < states.length; index++) {
      if (table.length > MAX_CELLS) return undefined;
      const state = states[index] as readonly number[];
      for (let kind = 0; kind < width; kind++) {
        const cells = state.map((row, mask) => automata[mask]?.table[row + kind] as number);
        const bits = cells.reduce((all, cell, mask) => all | ((cell & 1) << mask), 0);
        table.push(rowOf(cells.map((cell) => cell >> 1)) * 2 + (bits === 0 ? 0 : 1));
        found.push(bits);
      }
    }
    return new JointAutomaton(Int32Array.from(table), Int32Array.from(found), starts);
  }
}
