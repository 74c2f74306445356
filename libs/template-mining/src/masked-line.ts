/** A piece of a masked line that a mask stands for. Positions are UTF-16 code units, ends exclusive. */
export interface MaskSpan {
  /** Where the mask is in the masked line. */
  readonly start: number;
  readonly end: number;
  /** Where the replaced text is in the original line. */
  readonly sourceStart: number;
  readonly sourceEnd: number;
  readonly name: string;
}

export interface MaskedLine {
  readonly text: string;
  /** In order, not overlapping. */
  readonly spans: readonly MaskSpan[];
}
