/** Windows a cell needs before it is calibrated on its own: below that its quantiles are worse than the pooled ones. */
const MIN_CELL = 100;
const MAX_LENGTH_CELLS = 4;
/** The same of a group: the tail of its scores has to reach as far as an alert budget. */
const MIN_GROUP = 500;
/** Groups with cells of their own, the largest ones: producers name them, and each takes memory. */
const MAX_GROUPS = 32;
/** Smallest share of the windows that a cell of lengths holds. */
const LEAST_CELL_SHARE = 0.125;

export interface CalibrationCellsSnapshot {
  /** Groups with a calibration of their own. */
  readonly groups: readonly string[];
  /** Lengths at which the next cell of windows of no such group begins, ascending. */
  readonly edges: readonly number[];
  /** The same for each of the groups; left out where a group is one cell. */
  readonly groupEdges?: readonly (readonly number[])[] | undefined;
}

/** The cells of one group, or of all windows that have none. */
interface Family {
  readonly first: number;
  readonly edges: readonly number[];
}

interface Measured {
  readonly length: number;
  readonly group: string | undefined;
}

/**
 * Kinds of windows that are compared with their own kind only: quartiles of length, for each group that is large enough and
 * for all other windows. A long window has more chances of a rare key or a surprising line, and is not odd for it; and what
 * is rare in the stream may be all that one of its services does.
 *
 * Source: Mondrian conformal prediction, Vovk, Gammerman & Shafer 2005, section 4.5.
 */
export class CalibrationCells {
  /** Of windows without a group of their own. */
  private readonly others: Family;
  private readonly families = new Map<string, Family>();
  /** First cell of the family of each cell. */
  private readonly firstOf: number[] = [];

  private constructor(private readonly parts: CalibrationCellsSnapshot) {
    const { edges, groups, groupEdges } = parts;
    this.others = this.add(edges);
    for (const [index, group] of groups.entries()) {
      this.families.set(group, this.add(groupEdges?.[index] ?? []));
    }
  }

  static of(windows: readonly Measured[]): CalibrationCells {
    const byGroup = new Map<string, number[]>();
    for (const { group, length } of windows) {
      if (group === undefined) continue;
      const lengths = byGroup.get(group);
      if (lengths) lengths.push(length);
      else byGroup.set(group, [length]);
    }
    const groups = [...byGroup]
      .filter(([, lengths]) => lengths.length >= MIN_GROUP)
      .sort(([a, one], [b, other]) => other.length - one.length || (a < b ? -1 : 1))
      .slice(0, MAX_GROUPS)
      .map(([group]) => group);
    return new CalibrationCells({
      groups,
      edges: edgesOf(windows.map(({ length }) => length)),
      groupEdges: groups.map((group) => edgesOf(byGroup.get(group) ?? [])),
    });
  }

  static restore(snapshot: CalibrationCellsSnapshot): CalibrationCells {
    return new CalibrationCells(snapshot);
  }

  snapshot(): CalibrationCellsSnapshot {
    return this.parts;
  }

  get count(): number {
    return this.firstOf.length;
  }

  /** Whether two cells are of one group, or both of windows that have none, and differ in length alone. */
  areAlike(one: number, other: number): boolean {
    return this.firstOf[one] === this.firstOf[other];
  }

  /** The cells in which a window of at least this length can be. */
  cellsFrom(measured: Measured): readonly number[] {
    const first = this.cellOf(measured);
    return [...this.firstOf.keys()].filter((cell) => cell >= first && this.areAlike(cell, first));
  }

  /** @returns integer in `[0, count)` */
  cellOf({ length, group }: Measured): number {
    const own = group === undefined ? undefined : this.families.get(group);
    const { first, edges } = own ?? this.others;
    let cell = first;
    for (const edge of edges) if (length >= edge) cell++;
    return cell;
  }

  private add(edges: readonly number[]): Family {
    const first = this.firstOf.length;
    for (let cell = 0; cell <= edges.length; cell++) this.firstOf.push(first);
    return { first, edges };
  }
}

function edgesOf(unordered: readonly number[]): readonly number[] {
  const lengths = [...unordered].sort((a, b) => a - b);
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
  return edges;
}
