import type { WindowProfile } from './window-profile';

/** A token whose presence or absence few reference windows share. */
export interface OddToken {
  readonly token: number;
  /** Share of reference windows that have the token, in [0, 1]. */
  readonly share: number;
  readonly isMissing: boolean;
}

export interface RaritySnapshot {
  /** Distinct sets of keys. */
  readonly sets: readonly (readonly number[])[];
  /** Which of `sets` each window of the reference has, oldest first. */
  readonly order: readonly number[];
}

/**
 * The last windows of a stream, and how many of them have each key.
 *
 * Every window enters, flagged or not: a new normal becomes normal by being frequent, and no verdict feeds back into
 * what it is judged by. Needs no model, and tolerates contamination: an anomaly that makes up a share q of the
 * reference still scores −log q.
 */
export class RarityReference {
  private readonly presence: Int32Array;
  private readonly stamps: Int32Array;
  private readonly common = new Set<number>();
  private readonly ring: Int32Array[] = [];
  private readonly interned = new Map<number, Int32Array>();
  private oldest = 0;
  private stamp = 0;

  /**
   * @param capacity windows that are remembered, >= 1
   * @param vocabularySize tokens are below it
   */
  constructor(
    private readonly capacity: number,
    vocabularySize: number,
  ) {
    this.presence = new Int32Array(vocabularySize);
    this.stamps = new Int32Array(vocabularySize);
  }

  get windows(): number {
    return this.ring.length;
  }

  /** Lets a window enter, and the oldest leave once the reference is full. */
  enter(profile: WindowProfile): void {
    const keys = this.intern(profile);
    if (this.ring.length < this.capacity) {
      this.ring.push(keys);
    } else {
      for (const key of this.ring[this.oldest] ?? []) this.change(key, -1);
      this.ring[this.oldest] = keys;
      this.oldest = (this.oldest + 1) % this.capacity;
    }
    for (const key of keys) this.change(key, 1);
  }

  /**
   * The largest −log(share of windows that agree on a key's presence or absence), the window itself counted among them.
   *
   * @param own 1 when the window is in the reference already and must not vouch for itself twice, else 0
   * @returns nats in `[0, log(windows + 1)]`; 0 for an empty reference. Keys that fewer than half of the windows have
   *   cannot be missed: their absence would say less than log 2.
   */
  rarityOf(profile: WindowProfile, own: 0 | 1 = 0): number {
    const others = this.ring.length - own;
    if (others <= 0) return 0;
    let agreeing = others;
    const stamp = this.mark(profile);
    for (const key of profile.keys) {
      const having = (this.presence[key] ?? 0) - own;
      if (having < agreeing) agreeing = having;
    }
    for (const key of this.common) {
      if (this.stamps[key] === stamp) continue;
      const lacking = others - (this.presence[key] ?? 0);
      if (lacking < agreeing) agreeing = lacking;
    }
    return -Math.log((agreeing + 1) / (others + 1));
  }

  /**
   * The keys whose presence or absence is shared by at most this share of the windows, oddest first, ties by token.
   */
  oddTokens(profile: WindowProfile, maxAgreement: number): readonly OddToken[] {
    const total = this.ring.length;
    if (total === 0) return [];
    const odd: (OddToken & { agreement: number })[] = [];
    const stamp = this.mark(profile);
    const note = (token: number, isMissing: boolean): void => {
      const having = this.presence[token] ?? 0;
      const agreement = (isMissing ? total - having : having) / total;
      if (agreement <= maxAgreement)
        odd.push({ token, share: having / total, isMissing, agreement });
    };
    for (const token of profile.keys) note(token, false);
    for (const token of this.common) if (this.stamps[token] !== stamp) note(token, true);
    return odd
      .sort((a, b) => a.agreement - b.agreement || a.token - b.token)
      .map(({ token, share, isMissing }) => ({ token, share, isMissing }));
  }

  /** Share of the windows that have the key, in [0, 1]; 0 for an empty reference. */
  shareOf(token: number): number {
    return this.ring.length === 0 ? 0 : (this.presence[token] ?? 0) / this.ring.length;
  }

  snapshot(): RaritySnapshot {
    const indexOf = new Map<Int32Array, number>();
    const sets: number[][] = [];
    const order: number[] = [];
    for (let step = 0; step < this.ring.length; step++) {
      const keys = this.ring[(this.oldest + step) % this.ring.length];
      if (!keys) continue;
      let index = indexOf.get(keys);
      if (index === undefined) {
        index = sets.length;
        indexOf.set(keys, index);
        sets.push([...keys]);
      }
      order.push(index);
    }
    return { sets, order };
  }

  private change(key: number, by: 1 | -1): void {
    const having = (this.presence[key] ?? 0) + by;
    this.presence[key] = having;
    // While the reference grows a key may fall below half without a change; it is then a harmless extra candidate.
    if (2 * having >= this.ring.length) this.common.add(key);
    else this.common.delete(key);
  }

  private mark({ keys }: WindowProfile): number {
    this.stamp = (this.stamp + 1) | 0;
    for (const key of keys) this.stamps[key] = this.stamp;
    return this.stamp;
  }

  /** Windows of one kind share one array, so that a full reference costs a pointer a window. */
  private intern({ keys }: WindowProfile): Int32Array {
    let hash = keys.length;
    for (const key of keys) hash = (Math.imul(hash, 31) + key) | 0;
    const known = this.interned.get(hash);
    if (known && isSame(known, keys)) return known;
    if (this.interned.size > this.capacity) this.interned.clear();
    const own = Int32Array.from(keys);
    this.interned.set(hash, own);
    return own;
  }
}

function isSame(a: Int32Array, b: Int32Array): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}
