import { WILDCARD } from './cluster-search';
import type { RowGroup, TemplateFamily } from './template-family';
import type { TokenTable } from './token-table';

/** A row of a family as plain data; one entry a piece. */
export interface RowState {
  readonly clusterId: number;
  readonly count: number;
  /** Words and marks; null for a variable. */
  readonly words: readonly (string | null)[];
  /** Text of each variable; null for a word and where lines differ. */
  readonly forms: readonly (string | null)[];
  /** Places with white space before them. */
  readonly gaps: readonly number[];
}

/** A family as plain data. */
export interface FamilyState {
  /** The marks of a line, with U+0000 for each piece between them. */
  readonly frame: string;
  /** Places whose words are no longer kept. */
  readonly general: readonly number[];
  readonly rows: readonly RowState[];
}

/** Everything a family tree's future answers depend on, as plain data. */
export interface FamilyTreeState {
  readonly lastClusterId: number;
  /** Least recently used first. */
  readonly families: readonly FamilyState[];
}

/** A family as plain data that shares nothing with it that changes. */
export function familyStateOf(family: TemplateFamily, table: TokenTable): FamilyState {
  const textOrNull = (token: number): string | null =>
    token === WILDCARD ? null : table.textOf(token);
  return {
    frame: family.frame.key,
    general: placesOf(family.isGeneral),
    rows: family.rows.map(({ tokens, forms, gaps, count, group }) => ({
      clusterId: (group as RowGroup).clusterId,
      count,
      words: Array.from(tokens, textOrNull),
      forms: Array.from(forms, textOrNull),
      gaps: placesOf(gaps),
    })),
  };
}

function placesOf(flags: Uint8Array): number[] {
  return Array.from(flags.entries()).flatMap(([index, flag]) => (flag === 1 ? [index] : []));
}

export function flagsOf(places: readonly number[], width: number): Uint8Array {
  const flags = new Uint8Array(width);
  for (const place of places) if (place < width) flags[place] = 1;
  return flags;
}
