/**
 * Many small counters, 32 of which are raised by one at once.
 *
 * The lowest digits of all counters stand together in one row of bits, the next digits in another, so that a row of bits is
 * added to the counters as a number is: by and, exclusive or and carry.
 *
 * Source: O'Neil & Quass, "Improved Query Performance with Variant Indexes", SIGMOD 1997 (bit-sliced index).
 */
export class BitCounters {
  /** Words of a row. */
  readonly words: number;
  private readonly digits: number;
  /** `[digits, words]`, the lowest digits first. */
  private readonly rows: Int32Array;
  private readonly candidates: Int32Array;

  /** @param largest that a counter may reach, >= 1 */
  constructor(counters: number, largest: number) {
    this.words = Math.ceil(counters / 32);
    this.digits = 32 - Math.clz32(largest);
    this.rows = new Int32Array(this.digits * this.words);
    this.candidates = new Int32Array(this.words);
  }

  clear(): void {
    this.rows.fill(0);
  }

  /** Raises the counters whose bits are set in the `words` words from `start` on. */
  add(bits: Int32Array, start: number): void {
    const { rows, words } = this;
    for (let word = 0; word < words; word++) {
      let carry = bits[start + word] ?? 0;
      for (let at = word; carry !== 0 && at < rows.length; at += words) {
        const digits = rows[at] ?? 0;
        rows[at] = digits ^ carry;
        carry &= digits;
      }
    }
  }

  valueOf(counter: number): number {
    let value = 0;
    for (let digit = 0; digit < this.digits; digit++) {
      const bits = this.rows[digit * this.words + (counter >>> 5)] ?? 0;
      value |= ((bits >>> (counter & 31)) & 1) << digit;
    }
    return value;
  }

  /** The largest value of all counters but one, 0 of none: the highest digits decide, the lower ones among those that tie. */
  largest(without = -1): number {
    const { rows, words, candidates } = this;
    candidates.fill(-1);
    if (without >= 0) candidates[without >>> 5] = ~(1 << (without & 31));
    let value = 0;
    for (let digit = this.digits - 1; digit >= 0; digit--) {
      const start = digit * words;
      let some = 0;
      for (let word = 0; word < words; word++) {
        some |= (candidates[word] ?? 0) & (rows[start + word] ?? 0);
      }
      if (some === 0) continue;
      value |= 1 << digit;
      for (let word = 0; word < words; word++) {
        candidates[word] = (candidates[word] ?? 0) & (rows[start + word] ?? 0);
      }
    }
    return value;
  }
}
