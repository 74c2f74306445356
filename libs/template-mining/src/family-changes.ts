import type { FamilyStore } from './family-store';
import { familyStateOf, type FamilyState } from './family-tree-state';
import type { TemplateFamily } from './template-family';
import type { TokenTable } from './token-table';

/** A place in a family's rows, and the lines that the row has by now. */
export type RowCount = readonly [row: number, count: number];

/** What happened in a family tree since some moment, as plain data: from the state of then it leads to that of now. */
export interface FamilyTreeChanges {
  readonly lastClusterId: number;
  /** Families that are there no more, by the id of their first template. */
  readonly forgotten: readonly number[];
  /**
   * Families that took lines, in the order of use, by the id that their first template had then, null for a new one. Of
   * those whose rows are the same, the rows that took lines; the others whole.
   */
  readonly used: readonly (readonly [id: number | null, now: FamilyState | readonly RowCount[]])[];
}

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
    for (const family of used) family.keptAs = family.foundingId;
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

  private nowOf(family: TemplateFamily, table: TokenTable): FamilyState | readonly RowCount[] {
    if (family.changedIn === this.epoch) return familyStateOf(family, table);
    return family.rows.flatMap(({ count, usedIn }, index) =>
      usedIn === this.epoch ? [[index, count] as const] : [],
    );
  }
}
