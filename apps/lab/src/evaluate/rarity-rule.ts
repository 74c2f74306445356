import type { TrivialDetector } from './trivial-detectors';

/** A window is flagged when at most this share of the reference agrees with it on some key. */
const RARE_SHARE = 0.02;
/** How many of the last windows the online rule compares with. */
const ONLINE_WINDOWS = 4_000;

const NAME = 'rarity rule';

/** Windows, and how many of them have each key. */
class KeyReference {
  private readonly having = new Map<number, number>();
  private windows = 0;

  change(keys: ReadonlySet<number>, by: 1 | -1): void {
    this.windows += by;
    for (const key of keys) this.having.set(key, (this.having.get(key) ?? 0) + by);
  }

  /**
   * The largest −log(share of windows that agree on the presence or absence of a key), the judged window itself counted among
   * them: what nobody shares has a finite score.
   *
   * @returns nats in [0, log(windows + 1)]
   */
  rarityOf(keys: ReadonlySet<number>): number {
    let agreeing = this.windows;
    for (const key of keys) agreeing = Math.min(agreeing, this.having.get(key) ?? 0);
    for (const [key, having] of this.having) {
      if (!keys.has(key)) agreeing = Math.min(agreeing, this.windows - having);
    }
    return Math.log((this.windows + 1) / (agreeing + 1));
  }
}

/** The rule of rarity against a fixed reference, untrimmed and without a label: all windows that are learned from. */
export function learnRarityRule(training: readonly Int32Array[]): TrivialDetector {
  const reference = new KeyReference();
  for (const tokens of training) reference.change(new Set(tokens), 1);
  return { name: NAME, judge: ({ tokens }) => opinionOf(reference.rarityOf(new Set(tokens))) };
}

/**
 * The same rule against the last 4,000 windows: every window enters once it was judged, flagged or not, and the oldest leaves.
 *
 * @param training windows in the order of time, of which the last are the reference at first
 * @param capacity how many windows are remembered, >= 1
 */
export function learnOnlineRarityRule(
  training: readonly Int32Array[],
  capacity = ONLINE_WINDOWS,
): TrivialDetector {
  const reference = new KeyReference();
  const recent: ReadonlySet<number>[] = [];
  let oldest = 0;
  const enter = (tokens: Int32Array): void => {
    const keys = new Set(tokens);
    const leaving = recent.length < capacity ? undefined : recent[oldest];
    if (leaving) reference.change(leaving, -1);
    recent[leaving ? oldest : recent.length] = keys;
    if (leaving) oldest = (oldest + 1) % capacity;
    reference.change(keys, 1);
  };
  for (const tokens of training.slice(-capacity)) enter(tokens);
  return {
    name: NAME,
    judge: ({ tokens }) => opinionOf(reference.rarityOf(new Set(tokens))),
    enter: ({ tokens }) => enter(tokens),
  };
}

function opinionOf(score: number): ReturnType<TrivialDetector['judge']> {
  return { score, isFlagged: score >= -Math.log(RARE_SHARE) };
}
