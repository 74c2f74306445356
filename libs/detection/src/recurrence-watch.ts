import { poissonUpperTail } from './poisson';

/** A window with a larger p-value is like any other, and its oddities are not remembered. */
export const PECULIAR_P_VALUE = 0.02;
/** Windows that are looked back on. */
const LOOK_BACK = 100;
/** Windows by whose count a feature that stays becomes usual. */
const MEMORY = 1_000;
/** Fewest windows that such a count is a share of. */
const LEAST_MEMORY = 200;
const MAX_FEATURES = 12;

export interface RecurrenceSnapshot {
  /** Held-out windows that were looked at. */
  readonly windows: number;
  /** In how many of them each feature was odd; one that is not named here, in none. */
  readonly counts: Readonly<Record<string, number>>;
  /** Features of the windows seen lately, oldest first; of a detector that has judged. */
  readonly seen?: readonly (readonly string[])[] | undefined;
}

/**
 * Notices that the same small oddity comes again and again.
 *
 * A step that is dropped from every order, or one attacker's guesses, may make each window only somewhat odd, and a p-value
 * of one window cannot fall below what the calibration's own outliers allow. That the *same* feature is odd in several of
 * the last hundred windows is evidence of its own: it is judged by the Poisson tail of how often that feature was odd in the
 * held-out windows. The idea is that of a conformal test of exchangeability (Vovk, Nouretdinov & Gammerman, "Testing
 * Exchangeability On-Line", ICML 2003), with a window and a threshold in place of a martingale.
 *
 * A workload that changes makes the same features odd for good. What came as often in the thousand windows before those
 * that are looked back on is usual by now, so that a change is noticed when it happens and not for ever after.
 */
export class RecurrenceWatch {
  private readonly recent = new FeatureRing(LOOK_BACK);
  private readonly before = new FeatureRing(MEMORY);

  constructor(private readonly usual: RecurrenceSnapshot) {
    for (const features of usual.seen ?? []) this.enter(features);
  }

  /** What is usual and what was seen lately, for a watch that goes on from here. */
  snapshot(): RecurrenceSnapshot {
    return { ...this.usual, seen: [...this.before.inOrder(), ...this.recent.inOrder()] };
  }

  /**
   * What to remember of held-out windows.
   *
   * @param features of each window, whether it is peculiar or not: how often a feature is odd at all bounds how often it
   *   is odd in a peculiar window, and does not hang on which side of a threshold a kind of window falls
   */
  static learn(features: readonly (readonly string[])[]): RecurrenceSnapshot {
    const counts = new Map<string, number>();
    for (const feature of features.flat()) counts.set(feature, (counts.get(feature) ?? 0) + 1);
    return { windows: features.length, counts: Object.fromEntries(counts) };
  }

  /**
   * The p-value of a peculiar window's oddities having come so often before it.
   *
   * @returns (0, 1]: the chance that a window is peculiar, times that of the rarest recurrence among its features, with
   *   Bonferroni's correction for their number; 1 when none of them came before
   */
  pValueOf(features: readonly string[]): number {
    const own = features.slice(0, MAX_FEATURES);
    let smallest = 1;
    for (const feature of own) {
      const times = this.recent.timesOf(feature);
      if (times === 0) continue;
      const known = Object.hasOwn(this.usual.counts, feature) ? this.usual.counts[feature] : 0;
      const calibrated = ((known ?? 0) + 1) / (this.usual.windows + 1);
      const rate = Math.max(
        calibrated,
        this.before.timesOf(feature) / Math.max(LEAST_MEMORY, this.before.size),
      );
      smallest = Math.min(smallest, poissonUpperTail(times, rate * LOOK_BACK) * own.length);
    }
    return smallest >= 1 ? 1 : Math.max(Number.MIN_VALUE, PECULIAR_P_VALUE * smallest);
  }

  /** Lets a window be looked back on; the features of one that is not peculiar are none. */
  enter(features: readonly string[]): void {
    const left = this.recent.enter(features.slice(0, MAX_FEATURES));
    if (left) this.before.enter(left);
  }
}

/** The features of the last windows and how often each is among them. */
class FeatureRing {
  private readonly windows: (readonly string[])[] = [];
  private readonly seen = new Map<string, number>();
  private oldest = 0;

  constructor(private readonly capacity: number) {}

  get size(): number {
    return this.windows.length;
  }

  timesOf(feature: string): number {
    return this.seen.get(feature) ?? 0;
  }

  /** Oldest first. */
  inOrder(): readonly (readonly string[])[] {
    return [...this.windows.slice(this.oldest), ...this.windows.slice(0, this.oldest)];
  }

  /** @returns the features of the window that had to leave; undefined while there is room */
  enter(features: readonly string[]): readonly string[] | undefined {
    for (const feature of features) this.change(feature, 1);
    if (this.windows.length < this.capacity) {
      this.windows.push(features);
      return undefined;
    }
    const left = this.windows[this.oldest] ?? [];
    for (const feature of left) this.change(feature, -1);
    this.windows[this.oldest] = features;
    this.oldest = (this.oldest + 1) % this.capacity;
    return left;
  }

  private change(feature: string, by: 1 | -1): void {
    const times = this.timesOf(feature) + by;
    if (times > 0) this.seen.set(feature, times);
    else this.seen.delete(feature);
  }
}
