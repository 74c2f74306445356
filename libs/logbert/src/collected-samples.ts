import { DistinctWindows, type Tokens } from '@logbert/sequences';
import type { SampleSet } from './sample-set';

const FIRST_CAPACITY = 1_024;

/** Samples that are collected one after the other: each distinct one is copied, and takes eight bytes for its weight. */
export class CollectedSamples implements SampleSet {
  private readonly windows: DistinctWindows;
  private weights = new Float64Array(FIRST_CAPACITY);

  constructor(vocabularySize: number) {
    this.windows = new DistinctWindows(vocabularySize);
  }

  get size(): number {
    return this.windows.size;
  }

  /** @param tokens copied; `weight` > 0 is added to what an equal window has */
  add(tokens: Tokens, weight: number): void {
    const index = this.windows.add(tokens);
    if (index >= this.weights.length) {
      const weights = new Float64Array(2 * this.weights.length);
      weights.set(this.weights);
      this.weights = weights;
    }
    this.weights[index] = (this.weights[index] ?? 0) + weight;
  }

  lengthOf(index: number): number {
    return this.windows.lengthOf(index);
  }

  weightOf(index: number): number {
    return this.weights[index] ?? 0;
  }

  tokensOf(index: number): Tokens {
    return this.windows.tokensOf(index);
  }
}
