/** A line from further in the future of its receipt has a wrong clock in any case. */
const MAX_AHEAD_MS = 300_000;
/** So much further ahead than usual, a line would be over before others of its time have come. */
const TOLERATED_MS = 30_000;
/** By so much a line moves what is usual. */
const STEP_MS = 1_000;

/**
 * Knows lines of sources whose clocks are fast, of which a single one would make the lines of all others late.
 *
 * What is fast is told by the others: all clocks of a place may be ahead of the one by which lines are received. The median
 * is followed by steps towards each line (stochastic approximation: Robbins & Monro, Annals of Mathematical Statistics 1951);
 * clocks that are behind count as right, since lines may be received long after they were written.
 */
export class FastClocks {
  /** @param usualMs how far lines are ahead of their receipt as a rule, >= 0 */
  constructor(private usualMs = 0) {}

  /** What the constructor takes. */
  snapshot(): number {
    return this.usualMs;
  }

  /** Takes a line; gives whether its clock is fast. */
  isFast({ timestampMs, receivedAtMs }: Times): boolean {
    const aheadMs = timestampMs - receivedAtMs;
    const isFast = aheadMs > Math.min(MAX_AHEAD_MS, this.usualMs + TOLERATED_MS);
    const step = aheadMs > this.usualMs ? STEP_MS : -STEP_MS;
    this.usualMs = Math.min(MAX_AHEAD_MS, Math.max(0, this.usualMs + step));
    return isFast;
  }
}

interface Times {
  readonly timestampMs: number;
  readonly receivedAtMs: number;
}
