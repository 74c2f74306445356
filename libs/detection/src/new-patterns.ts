/** Share of the windows from which a pattern is usual. */
const USUAL_SHARE = 0.02;
/** Fewest windows that make a pattern usual where few are remembered. */
const MIN_WINDOWS = 5;
/** A change of work is sudden when half of so many windows in a row show it. */
const SUDDEN_WINDOWS = 20;
/** A usual pattern is forgotten when so many times the windows that are looked back on have gone by without it. */
const FORGOTTEN_AFTER = 10;
/** Most usual patterns that are remembered; those seen last stay. */
const MAX_USUAL = 65_536;
/** A window with more unknown patterns than this is not learnt whole. */
const MAX_PATTERNS = 400;

/** What a window's entering has changed. */
export interface PatternChange {
  /** Patterns of the window that are usual with it. */
  readonly usual: readonly number[];
  /** Those of them that half of the last twenty windows have. */
  readonly sudden: readonly number[];
  /** Patterns that are forgotten with it. */
  readonly faded: readonly number[];
}

export interface NewPatternsSnapshot {
  /** Patterns of each window that is looked back on, oldest first. */
  readonly windows: readonly (readonly number[])[];
  /** Usual patterns, the one seen last at the end, each with the number of windows since. */
  readonly usual: readonly (readonly [pattern: number, windowsAgo: number])[];
}

/**
 * Counts in how many of the last windows patterns occur that training did not know.
 *
 * One becomes usual with a fiftieth of the windows, or at once when half of the last twenty have it. Work comes in bursts, and
 * what was usual once is no surprise when it comes back: it stays so until it has been away for ten times as many windows.
 */
export class NewPatterns {
  private readonly least: number;
  private readonly sudden: number;
  private readonly ring: (readonly number[])[] = [];
  private readonly counts = new Map<number, number>();
  /** Of the last twenty windows. */
  private readonly late: (readonly number[])[] = [];
  private readonly lateCounts = new Map<number, number>();
  /** Usual patterns and the window that had each last, in the order of those. */
  private readonly usual = new Map<number, number>();
  private oldest = 0;
  private entered = 0;

  /** @param capacity windows that are looked back on, >= 1 */
  constructor(private readonly capacity: number) {
    this.least = Math.max(MIN_WINDOWS, Math.ceil(USUAL_SHARE * capacity));
    this.sudden = capacity < SUDDEN_WINDOWS ? Infinity : SUDDEN_WINDOWS / 2;
  }

  static restore({ windows, usual }: NewPatternsSnapshot, capacity: number): NewPatterns {
    const patterns = new NewPatterns(capacity);
    for (const own of windows) patterns.enter(own);
    patterns.usual.clear();
    for (const [pattern, windowsAgo] of usual) {
      patterns.usual.set(pattern, patterns.entered - windowsAgo);
    }
    return patterns;
  }

  snapshot(): NewPatternsSnapshot {
    return {
      windows: [...this.ring.slice(this.oldest), ...this.ring.slice(0, this.oldest)],
      usual: [...this.usual].map(([pattern, last]) => [pattern, this.entered - last] as const),
    };
  }

  /** @param patterns of one window, each once */
  enter(patterns: readonly number[]): PatternChange {
    const own = patterns.slice(0, MAX_PATTERNS);
    this.entered++;
    if (this.ring.length < this.capacity) this.ring.push(own);
    else {
      for (const pattern of this.ring[this.oldest] ?? []) change(this.counts, pattern, -1);
      this.ring[this.oldest] = own;
      this.oldest = (this.oldest + 1) % this.capacity;
    }
    this.late.push(own);
    if (this.late.length > SUDDEN_WINDOWS) {
      for (const pattern of this.late.shift() ?? []) change(this.lateCounts, pattern, -1);
    }
    const sudden = own.filter((pattern) => change(this.lateCounts, pattern, 1) >= this.sudden);
    const isSudden = sudden.length > 0 ? new Set(sudden) : undefined;
    const usual = own.filter(
      (pattern) => change(this.counts, pattern, 1) >= this.least || isSudden?.has(pattern),
    );
    for (const pattern of usual) this.usual.set(pattern, this.entered);
    for (const pattern of own) {
      // Deleted first: a map keeps the order in which its keys came.
      if (this.usual.delete(pattern)) this.usual.set(pattern, this.entered);
    }
    return { usual, sudden, faded: this.forget() };
  }

  private forget(): readonly number[] {
    const faded: number[] = [];
    for (const [pattern, last] of this.usual) {
      const isFresh = this.entered - last <= FORGOTTEN_AFTER * this.capacity;
      if (isFresh && this.usual.size <= MAX_USUAL) break;
      this.usual.delete(pattern);
      faded.push(pattern);
    }
    return faded;
  }
}

function change(counts: Map<number, number>, pattern: number, by: number): number {
  const count = (counts.get(pattern) ?? 0) + by;
  if (count > 0) counts.set(pattern, count);
  else counts.delete(pattern);
  return count;
}
