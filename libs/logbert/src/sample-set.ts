import type { Tokens } from '@logbert/sequences';

/** A distinct window, or piece of one, and how often it occurred. */
export interface Sample {
  readonly tokens: Tokens;
  readonly weight: number;
}

/** Distinct windows as the network is shown them, each with its weight, numbered in order of first occurrence. */
export interface SampleSet {
  readonly size: number;
  /** Tokens, `[END]` counted; 0 for a number that is no window's. */
  lengthOf(index: number): number;
  /** How often the window occurred; 0 for a number that is no window's. */
  weightOf(index: number): number;
  /** Must not be written. @throws RangeError when there is no such window */
  tokensOf(index: number): Tokens;
}
