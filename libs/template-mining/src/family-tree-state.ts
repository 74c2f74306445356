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
