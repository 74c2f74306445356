/** Replaces what a regular expression finds by `<name>`. */
export interface MaskRule {
  /** Name between prefix and suffix; several rules may share one. Left out, the expression's named group that took part. */
  readonly name?: string;
  /** Source of an ECMAScript regular expression without flags; it sees what earlier rules left. */
  readonly pattern: string;
  /**
   * Whether its author vouches for its running time. Other expressions are refused when they can take exponential time, and
   * see no more than the first 32,768 characters of a line.
   */
  readonly isTrusted?: boolean;
}
