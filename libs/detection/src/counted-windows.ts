/** Windows by what they have in common, read one after the other so that they may be millions. */
export interface CountedWindows {
  /** How many different ones there are. */
  readonly size: number;
  /** Keys of the index-th in any order, one or several times each; integers in `[0, vocabularySize)`. */
  tokensOf(index: number): ArrayLike<number>;
  /** What it begins with; -1 when that is not known. */
  firstOf(index: number): number;
  /** How many windows these are; 0 leaves them out of account. */
  windowsOf(index: number): number;
}
