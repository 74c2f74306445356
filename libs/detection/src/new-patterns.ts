/** Share of the windows from which a pattern is usual. */
const USUAL_SHARE = 0.02;
/** Fewest windows that make a pattern usual where few are remembered. */
const MIN_WINDOWS = 5;
/** A window with more unknown patterns than this is not learnt whole. */
const MAX_PATTERNS = 400;

/** What a window's entering has changed. */
export interface PatternChange {
  /** Patterns of the window that are usual with it. */
  readonly usual: readonly number[];
  /** Patterns that have become too rare to be usual any more. */
  readonly faded: readonly number[];
}

/**
 * Counts in how many of the last windows patterns occur that training did not know.
 *
 * One becomes usual with a fiftieth of the windows, and is so no more below half of that.
 */
export class NewPatterns {
  private readonly least: number;
  private readonly ring: (readonly number[])[] = [];
  private readonly counts = new Map<number, number>();
  private oldest = 0;

  /** @param capacity windows that are looked back on, >= 1 */
  constructor(private readonly capacity: number) {
    this.least = Math.max(MIN_WINDOWS, Math.ceil(USUAL_SHARE * capacity));
  }

  /** @param patterns of one window, each once */
  enter(patterns: readonly number[]): PatternChange {
    const own = patterns.slice(0, MAX_PATTERNS);
    const faded: number[] = [];
    if (this.ring.length < this.capacity) this.ring.push(own);
    else {
      for (const pattern of this.ring[this.oldest] ?? []) {
        if (this.change(pattern, -1) === Math.floor(this.least / 2)) faded.push(pattern);
      }
      this.ring[this.oldest] = own;
      this.oldest = (this.oldest + 1) % this.capacity;
    }
    return { usual: own.filter((pattern) => this.change(pattern, 1) >= this.least), faded };
  }

  /** Patterns of each window, oldest first. */
  inOrder(): readonly (readonly number[])[] {
    return [...this.ring.slice(this.oldest), ...this.ring.slice(0, this.oldest)];
  }

  private change(pattern: number, by: number): number {
    const count = (this.counts.get(pattern) ?? 0) + by;
    if (count > 0) this.counts.set(pattern, count);
    else this.counts.delete(pattern);
    return count;
  }
}
