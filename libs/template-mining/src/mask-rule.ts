/** Replaces what a regular expression finds by `<name>`. */
export interface MaskRule {
  /** Name between prefix and suffix; several rules may share one. Left out, the expression's named group that took part. */
  readonly name?: string;
  /** Source of an ECMAScript regular expression without flags; it sees what earlier rules left. */
  readonly pattern: string;
}
