/** Counts windows by their keys, a key that a window has several times once. */
export class KeyCounter {
  private readonly stamps: Int32Array;
  private stamp = 0;

  /** @param vocabularySize keys are below it */
  constructor(vocabularySize: number) {
    this.stamps = new Int32Array(vocabularySize);
  }

  /** Adds `windows` to the sum of each key of the tokens. */
  add(sums: Float64Array, tokens: ArrayLike<number>, windows: number): void {
    const stamp = this.next();
    for (let at = 0; at < tokens.length; at++) {
      const key = tokens[at] ?? 0;
      if (this.stamps[key] === stamp) continue;
      this.stamps[key] = stamp;
      sums[key] = (sums[key] ?? 0) + windows;
    }
  }

  /** @returns whether a key is among the tokens; good until the counter is used again */
  presence(tokens: ArrayLike<number>): (key: number) => boolean {
    const stamp = this.next();
    for (let at = 0; at < tokens.length; at++) this.stamps[tokens[at] ?? 0] = stamp;
    return (key) => this.stamps[key] === stamp;
  }

  private next(): number {
    this.stamp = (this.stamp + 1) | 0;
    return this.stamp;
  }
}
