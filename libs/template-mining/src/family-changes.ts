import { WILDCARD } from './cluster-search';
import type { FamilyStore } from './family-store';
import {
  familyStateOf,
  type FamilyState,
  restoreRow,
  type RowState,
  rowStateOf,
} from './family-tree-state';
import { SnapshotFailure } from './snapshot-failure';
import { type Row, RowGroup, type TemplateFamily } from './template-family';
import type { TokenTable } from './token-table';

/** A place in a family's rows, and the lines that the row has by now. */
export type RowCount = readonly [row: number, count: number];

/** What happened to a family whose older rows are still apart; rows are told by their places. */
export interface FamilyAmendment {
  /** Rows that came, behind the others. */
  readonly added: readonly RowState[];
  /** Rows that took lines. */
  readonly counts: readonly RowCount[];
  /** Rows whose variables lines write differently by now, with the places where they do. */
  readonly formless: readonly (readonly [row: number, places: readonly number[]])[];
  /** Rows that are in another template now. */
  readonly moved: readonly (readonly [row: number, clusterId: number])[];
}

/** What happened in a family tree since some moment, as plain data: from the state of then it leads to that of now. */
export interface FamilyTreeChanges {
  readonly lastClusterId: number;
  /** Families that are there no more, by the id of their first template. */
  readonly forgotten: readonly number[];
  /**
   * Families that took lines, in the order of use, by the id that their first template had then, null for a new one. Of
   * those whose rows are the same, the rows that took lines; of those that have more, what came; the others whole.
   */
  readonly used: readonly (readonly [id: number | null, now: FamilyUse])[];
}

type FamilyUse = FamilyState | FamilyAmendment | readonly RowCount[];

/**
 * Notes what happens in a family tree, at the cost of two numbers written a line.
 *
 * Memory: an id for each family that was there at the beginning and is forgotten.
 */
export class FamilyChanges {
  /** Marks what took lines since the beginning; another number for each beginning. */
  epoch = 1;
  private isBegun = false;
  private gone: number[] = [];

  forgotten({ keptAs }: TemplateFamily): void {
    if (keptAs !== undefined) this.gone.push(keptAs);
  }

  /** The account since the beginning, undefined when there was none; then begins anew. */
  take(
    families: FamilyStore,
    table: TokenTable,
    lastClusterId: number,
  ): FamilyTreeChanges | undefined {
    const used = this.isBegun ? this.usedOf(families) : [...families.values()];
    const changes = this.isBegun
      ? {
          lastClusterId,
          forgotten: this.gone,
          used: used.map((family) => [family.keptAs ?? null, this.nowOf(family, table)] as const),
        }
      : undefined;
    for (const family of used) markKept(family);
    this.isBegun = true;
    this.gone = [];
    this.epoch++;
    return changes;
  }

  /** All that took lines are behind all others in the order of use. */
  private usedOf(families: FamilyStore): readonly TemplateFamily[] {
    const used: TemplateFamily[] = [];
    for (const family of families.newestFirst()) {
      if (family.usedIn !== this.epoch) break;
      used.push(family);
    }
    return used.reverse();
  }

  private nowOf(family: TemplateFamily, table: TokenTable): FamilyUse {
    const { epoch } = this;
    if (family.keptAs === undefined || family.mergedIn === epoch) {
      return familyStateOf(family, table);
    }
    const counts: RowCount[] = [];
    const older = family.rows.slice(0, family.keptRows);
    for (const [index, { count, usedIn }] of older.entries()) {
      if (usedIn === epoch) counts.push([index, count]);
    }
    if (family.changedIn !== epoch) return counts;
    return {
      added: family.rows.slice(family.keptRows).map((row) => rowStateOf(row, table)),
      counts,
      formless: older.flatMap((row, index) =>
        row.changedIn === epoch ? [[index, formlessPlaces(row)] as const] : [],
      ),
      moved: older.flatMap(({ group, keptIn }, index) =>
        group && group.clusterId !== keptIn ? [[index, group.clusterId] as const] : [],
      ),
    };
  }
}

/**
 * Does again what happened to a family's rows.
 *
 * @returns the rows that came, which the family has yet to take before its templates are asked for anew
 * @throws SnapshotFailure when it has no such rows
 */
export function amend(
  family: TemplateFamily,
  { added, counts, formless, moved }: FamilyAmendment,
  table: TokenTable,
): readonly Row[] {
  const rowAt = (index: number): Row => {
    const row = family.rows[index];
    if (!row) throw new SnapshotFailure(`a family has no row ${index}`);
    return row;
  };
  const groups = new Map(family.groups.map((group) => [group.clusterId, group]));
  const groupOf = (clusterId: number): RowGroup => {
    const group = groups.get(clusterId) ?? new RowGroup(clusterId, table);
    groups.set(clusterId, group);
    return group;
  };
  for (const [index, count] of counts) rowAt(index).count = count;
  for (const [index, places] of formless) {
    const { forms } = rowAt(index);
    for (const place of places) {
      const form = forms[place];
      if (form === undefined) throw new SnapshotFailure(`place ${place} is beyond its frame`);
      if (form !== WILDCARD) table.release(form);
      forms[place] = WILDCARD;
    }
  }
  for (const [index, clusterId] of moved) rowAt(index).group = groupOf(clusterId);
  return added.map((row) => restoreRow(row, family, groupOf(row.clusterId), table));
}

function markKept(family: TemplateFamily): void {
  family.keptAs = family.foundingId;
  family.keptRows = family.rows.length;
  for (const row of family.rows) row.keptIn = row.group?.clusterId ?? 0;
}

/** Places of a row that hold a variable without a form of its own. */
function formlessPlaces({ tokens, forms }: Row): number[] {
  const places: number[] = [];
  for (let place = 0; place < tokens.length; place++) {
    if (tokens[place] === WILDCARD && forms[place] === WILDCARD) places.push(place);
  }
  return places;
}
