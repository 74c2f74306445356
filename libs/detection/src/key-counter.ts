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

  /** @returns the keys that are among the tokens, each once */
  distinct(tokens: ArrayLike<number>): readonly number[] {
    const stamp = this.next();
    const keys: number[] = [];
    for (let at = 0; at < tokens.length; at++) {
      const key = tokens[at] ?? 0;
      if (this.stamps[key] === stamp) continue;
      this.stamps[key] = stamp;
      keys.push(key);
    }
    return keys;
  }

  private next(): number {
    this.stamp = (this.stamp + 1) | 0;
    return this.stamp;
  }
}
