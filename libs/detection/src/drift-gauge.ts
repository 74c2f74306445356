const RECENT_WINDOWS = 500;
const [ALIKE, UNLIKE] = ['0', '1'];

/**
 * Tells when the workload, not a window, has changed: the share of the last windows that are unlike those of the training.
 *
 * Such a window has a p-value of at most 0.05 by the calibration, or something that has become usual since, of which the
 * model knows nothing. The share is about 0.05 as long as the workload is that of the training.
 */
export class DriftGauge {
  private readonly unlike: boolean[] = [];
  private oldest = 0;
  private count = 0;

  /** @param snapshot what `snapshot` gave */
  static restore(snapshot: string): DriftGauge {
    const gauge = new DriftGauge();
    for (const mark of snapshot) gauge.enter(mark === UNLIKE);
    return gauge;
  }

  /** A character for each of the last windows, oldest first. */
  snapshot(): string {
    const { unlike, oldest } = this;
    return [...unlike.slice(oldest), ...unlike.slice(0, oldest)]
      .map((isUnlike) => (isUnlike ? UNLIKE : ALIKE))
      .join('');
  }

  enter(isUnlike: boolean): void {
    if (this.unlike.length < RECENT_WINDOWS) this.unlike.push(isUnlike);
    else {
      if (this.unlike[this.oldest]) this.count--;
      this.unlike[this.oldest] = isUnlike;
      this.oldest = (this.oldest + 1) % RECENT_WINDOWS;
    }
    if (isUnlike) this.count++;
  }

  /** Share in [0, 1]; undefined until 500 windows have entered. */
  get share(): number | undefined {
    return this.unlike.length < RECENT_WINDOWS ? undefined : this.count / RECENT_WINDOWS;
  }
}
