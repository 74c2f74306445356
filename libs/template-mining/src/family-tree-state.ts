import { WILDCARD } from './cluster-search';
import { SnapshotFailure } from './snapshot-failure';
import type { Row, RowGroup, TemplateFamily } from './template-family';
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
  return {
    frame: family.frame.key,
    general: placesOf(family.isGeneral),
    rows: family.rows.map((row) => rowStateOf(row, table)),
  };
}

/** A row as plain data that shares nothing with it. */
export function rowStateOf(
  { tokens, forms, gaps, count, group }: Row,
  table: TokenTable,
): RowState {
  const textOrNull = (token: number): string | null =>
    token === WILDCARD ? null : table.textOf(token);
  return {
    clusterId: (group as RowGroup).clusterId,
    count,
    words: Array.from(tokens, textOrNull),
    forms: Array.from(forms, textOrNull),
    gaps: placesOf(gaps),
  };
}

/**
 * A family's row again, which the family has yet to take; the table holds its texts.
 *
 * @throws SnapshotFailure when it is not as wide as the family's frame
 */
export function restoreRow(
  { count, words, forms, gaps }: RowState,
  family: TemplateFamily,
  group: RowGroup,
  table: TokenTable,
): Row {
  const { width } = family.frame;
  const numbersOf = (texts: readonly (string | null)[]): Int32Array => {
    if (texts.length !== width) throw new SnapshotFailure('a row is not as wide as its frame');
    return Int32Array.from(texts, (text) => (text === null ? WILDCARD : table.hold(text)));
  };
  return {
    tokens: numbersOf(words),
    forms: numbersOf(forms),
    gaps: flagsOf(gaps, width),
    count,
    family,
    group,
    usedIn: 0,
    changedIn: 0,
    keptIn: group.clusterId,
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
