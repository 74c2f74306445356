/** Windows a cell needs before it is calibrated on its own: below that its quantiles are worse than the pooled ones. */
const MIN_CELL = 100;
const MAX_LENGTH_CELLS = 4;
/** Smallest share of the windows that a cell of lengths holds. */
const LEAST_CELL_SHARE = 0.125;

export interface CalibrationCellsSnapshot {
  /** Groups with a calibration of their own. */
  readonly groups: readonly string[];
  /** Lengths at which the next cell begins, ascending. */
  readonly edges: readonly number[];
}

interface Measured {
  readonly length: number;
  readonly group: string | undefined;
}

/**
 * Kinds of windows that are compared with their own kind only: groups that are large enough, and quartiles of length
 * for all others. A long window has more chances of a rare key or a surprising line, and is not odd for it.
 *
 * Source: Mondrian conformal prediction, Vovk, Gammerman & Shafer 2005, section 4.5.
 */
export class CalibrationCells {
  private readonly groupCells: ReadonlyMap<string, number>;

  private constructor(private readonly parts: CalibrationCellsSnapshot) {
    this.groupCells = new Map(
      parts.groups.map((group, index) => [group, parts.edges.length + 1 + index]),
    );
  }

  static of(windows: readonly Measured[]): CalibrationCells {
    const sizes = new Map<string, number>();
    for (const { group } of windows) {
      if (group !== undefined) sizes.set(group, (sizes.get(group) ?? 0) + 1);
    }
    const groups = [...sizes].filter(([, size]) => size >= MIN_CELL).map(([group]) => group);
    const lengths = windows.map(({ length }) => length).sort((a, b) => a - b);
    const cells = Math.min(MAX_LENGTH_CELLS, Math.floor(lengths.length / MIN_CELL));
    const edges: number[] = [];
    let last = 0;
    for (let cell = 1; cell < cells; cell++) {
      const edge = lengths[Math.floor((cell * lengths.length) / cells)] ?? 0;
      const first = lengths.indexOf(edge);
      // Where one length is usual, the few windows that are shorter are often the anomalies: they get no cell.
      if (first - last < LEAST_CELL_SHARE * lengths.length) continue;
      edges.push(edge);
      last = first;
    }
    return new CalibrationCells({ groups: groups.sort(), edges });
  }

  static restore(snapshot: CalibrationCellsSnapshot): CalibrationCells {
    return new CalibrationCells(snapshot);
  }

  snapshot(): CalibrationCellsSnapshot {
    return this.parts;
  }

  get count(): number {
    return this.parts.edges.length + 1 + this.parts.groups.length;
  }

  /** Whether it is a cell of windows of similar length, and not of a group. */
  isByLength(cell: number): boolean {
    return cell <= this.parts.edges.length;
  }

  /** The cells in which a window of at least this length can be. */
  cellsFrom(measured: Measured): readonly number[] {
    const first = this.cellOf(measured);
    if (!this.isByLength(first)) return [first];
    return Array.from({ length: this.parts.edges.length + 1 - first }, (_, step) => first + step);
  }

  /** @returns integer in `[0, count)` */
  cellOf({ length, group }: Measured): number {
    const own = group === undefined ? undefined : this.groupCells.get(group);
    if (own !== undefined) return own;
    let cell = 0;
    for (const edge of this.parts.edges) if (length >= edge) cell++;
    return cell;
  }
}
