/** P-values that are looked back on. */
const CAPACITY = 4_000;
/** Fewest of them that say anything of one in a thousand. */
const MIN_WINDOWS = 500;
/** Steps in a factor of ten: p-values are told apart to about two thousandths of themselves. */
const STEPS = 1_000;
/** Above it a p-value decides nothing, and is let pass as it is. */
const LARGEST = 0.05;

/**
 * Recalibrates p-values by the recent windows: what a share s of them has reached is no rarer than s.
 *
 * The calibration is of the past. When work has changed a little, one more line in one window of two hundred, all of its
 * p-values can be too small without any window being an anomaly, and the alert budget is spent several times over. The
 * p-value of a window is therefore at least the share of the last 4,000 windows whose own was as small: the conformal p-value
 * once more, with the recent windows as its calibration. A window that is judged again is by then one of them, and does not speak
 * for itself: where the budget is less than one window of those looked back on, each would take itself back.
 *
 * Faults are among the recent windows, too, and would hide what follows them. Windows that are too rare to be normal, by
 * their keys, or that have lines without a template, are for the caller to keep away: they neither enter nor are bound.
 */
export class RecentPValues {
  private readonly ring: Int32Array;
  private entered = 0;

  constructor(values: readonly number[] = []) {
    this.ring = new Int32Array(CAPACITY);
    for (const value of values.slice(-CAPACITY)) this.push(value);
  }

  /** @param pValue by the calibration alone, in (0, 1] */
  enter(pValue: number): void {
    this.push(codeOf(pValue));
  }

  /**
   * @param pValue by the calibration alone, in (0, 1]
   * @param own as which the window itself has entered, lately; undefined when it has not
   * @returns the same or larger; the same above 0.05 and as long as fewer than 500 windows have entered
   */
  recalibrate(pValue: number, own?: number): number {
    const size = Math.min(this.entered, CAPACITY);
    if (size < MIN_WINDOWS || pValue > LARGEST) return pValue;
    const code = codeOf(pValue);
    let asSmall = own !== undefined && codeOf(own) >= code ? -1 : 0;
    for (let index = 0; index < size; index++) if ((this.ring[index] ?? 0) >= code) asSmall++;
    return Math.max(pValue, asSmall / (size + 1));
  }

  /** What the constructor takes, the oldest first. */
  snapshot(): readonly number[] {
    const start = this.entered > CAPACITY ? this.entered % CAPACITY : 0;
    const size = Math.min(this.entered, CAPACITY);
    return Array.from({ length: size }, (_, step) => this.ring[(start + step) % CAPACITY] ?? 0);
  }

  private push(code: number): void {
    this.ring[this.entered++ % CAPACITY] = code;
  }
}

/** −log10 in thousandths: whole numbers that keep what is compared the same over a restart. */
function codeOf(pValue: number): number {
  return Math.round(-Math.log10(Math.max(Number.MIN_VALUE, pValue)) * STEPS);
}
