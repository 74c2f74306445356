import type { DistinctWindows, Tokens } from '@logbert/sequences';
import { endOf, type SequenceSizes } from './architecture';
import type { SampleSet } from './sample-set';

/** Windows to train on that somebody keeps already: training reads them there instead of making a copy. */
export interface WeightedWindows {
  readonly windows: DistinctWindows;
  /** Which of `windows`, each at most once: their order is that of the samples. */
  readonly ids: Uint32Array;
  /** How often each of `ids` occurred, > 0. */
  readonly weights: Uint32Array;
}

/** Weighted windows of which none is too long for the network, as they are seen by it. */
export class SharedSamples implements SampleSet {
  /** @param sizes say behind which windows `[END]` stands */
  constructor(
    private readonly weighted: WeightedWindows,
    private readonly sizes: SequenceSizes,
  ) {}

  get size(): number {
    return this.weighted.ids.length;
  }

  lengthOf(index: number): number {
    const length = this.weighted.windows.lengthOf(this.weighted.ids[index] ?? NaN);
    return length > 0 && endOf(this.sizes, length) !== undefined ? length + 1 : length;
  }

  weightOf(index: number): number {
    return this.weighted.weights[index] ?? 0;
  }

  tokensOf(index: number): Tokens {
    const tokens = this.weighted.windows.tokensOf(this.weighted.ids[index] ?? NaN);
    const end = endOf(this.sizes, tokens.length);
    if (end === undefined) return tokens;
    const ended = new Int32Array(tokens.length + 1);
    ended.set(tokens);
    ended[tokens.length] = end;
    return ended;
  }
}
