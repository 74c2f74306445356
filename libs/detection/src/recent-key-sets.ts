/** Keys of all remembered windows together; beyond it the oldest windows leave early. */
const MAX_KEYS = 1_000_000;

export interface KeySetsSnapshot {
  /** Distinct sets of keys, each ascending. */
  readonly sets: readonly (readonly number[])[];
  /** Which of `sets` each window has, oldest first. */
  readonly order: readonly number[];
}

/** How odd a window is among others: by the key on whose presence or absence fewest of them agree. */
export interface Oddness {
  /** Other windows that agree with it on that key, >= 0. */
  readonly agreeing: number;
  /** Keys that no other window has. */
  readonly unseen: number;
}

interface KeySet {
  readonly keys: readonly number[];
  windows: number;
}

/**
 * The last windows of a stream as sets of keys, and how many of them have each key.
 *
 * Keys are whole numbers of any size and need not be known beforehand; those that no remembered window has are forgotten.
 */
export class RecentKeySets {
  private readonly having = new Map<number, number>();
  /** All keys that at least half of the windows have, and some that fewer have. */
  private readonly frequent = new Set<number>();
  private readonly sets = new Map<string, KeySet>();
  /** Oldest first, from `head` on. */
  private ring: KeySet[] = [];
  private head = 0;
  private keys = 0;

  /** @param capacity windows that are remembered, >= 1 */
  constructor(private readonly capacity: number) {}

  static restore({ sets, order }: KeySetsSnapshot, capacity: number): RecentKeySets {
    const recent = new RecentKeySets(capacity);
    for (const index of order) recent.enter(sets[index] ?? []);
    return recent;
  }

  snapshot(): KeySetsSnapshot {
    const indexOf = new Map<KeySet, number>();
    const order = this.ring.slice(this.head).map((set) => {
      const index = indexOf.get(set) ?? indexOf.size;
      indexOf.set(set, index);
      return index;
    });
    return { sets: [...indexOf.keys()].map(({ keys }) => [...keys]), order };
  }

  get windows(): number {
    return this.ring.length - this.head;
  }

  /** How many windows have the key. */
  withKey(key: number): number {
    return this.having.get(key) ?? 0;
  }

  /** Keys that at least half of the windows have, ascending: only those can be missed. */
  commonKeys(): readonly number[] {
    const { windows } = this;
    const common: number[] = [];
    for (const key of this.frequent) {
      const count = this.withKey(key);
      if (2 * count >= windows) common.push(key);
      else if (!this.isFrequent(count)) this.frequent.delete(key);
    }
    return common.sort((a, b) => a - b);
  }

  /** @param keys of one window, each once, ascending */
  enter(keys: readonly number[]): void {
    this.add(keys);
    const before = this.windows;
    while (this.windows > 1 && (this.windows > this.capacity || this.keys > MAX_KEYS)) {
      this.dropOldest();
    }
    // Among fewer windows a key is frequent that was not.
    if (this.windows < before - 1) {
      for (const [key, count] of this.having) if (this.isFrequent(count)) this.frequent.add(key);
    }
  }

  /** Does something as if a window had entered, which then is forgotten. */
  with<T>(keys: readonly number[], work: () => T): T {
    const set = this.add(keys);
    try {
      return work();
    } finally {
      this.ring.pop();
      this.change(set, -1);
    }
  }

  /** How odd one of the windows is among the others. */
  oddnessOf(keys: readonly number[], common: readonly number[]): Oddness {
    const { windows } = this;
    let agreeing = windows - 1;
    let unseen = 0;
    for (const key of keys) {
      const others = this.withKey(key) - 1;
      if (others === 0) unseen++;
      if (others < agreeing) agreeing = others;
    }
    const own = new Set(keys);
    for (const key of common) {
      if (own.has(key)) continue;
      const others = windows - this.withKey(key) - 1;
      if (others < agreeing) agreeing = others;
    }
    return { agreeing, unseen };
  }

  /** The distinct windows and how many there are of each. */
  *distinct(): Generator<{ readonly keys: readonly number[]; readonly windows: number }> {
    yield* this.sets.values();
  }

  private add(keys: readonly number[]): KeySet {
    const name = keys.join();
    let set = this.sets.get(name);
    if (!set) {
      set = { keys: [...keys], windows: 0 };
      this.sets.set(name, set);
    }
    this.ring.push(set);
    this.change(set, 1);
    return set;
  }

  private dropOldest(): void {
    const oldest = this.ring[this.head++];
    if (oldest) this.change(oldest, -1);
    if (this.head > this.capacity) {
      this.ring = this.ring.slice(this.head);
      this.head = 0;
    }
  }

  private change(set: KeySet, by: 1 | -1): void {
    set.windows += by;
    if (set.windows === 0) this.sets.delete(set.keys.join());
    this.keys += by * set.keys.length;
    for (const key of set.keys) {
      const count = this.withKey(key) + by;
      if (count > 0) this.having.set(key, count);
      else this.having.delete(key);
      if (by > 0 && this.isFrequent(count)) this.frequent.add(key);
    }
  }

  private isFrequent(count: number): boolean {
    return 4 * count >= this.windows;
  }
}
