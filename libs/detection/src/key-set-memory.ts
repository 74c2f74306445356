import type { WindowProfile } from './window-profile';
import { mix } from './window-profile';

/** Distinct sets of keys that are remembered, the most frequent first. */
const MAX_SETS = 4_096;
const MAX_CACHED = 16_384;

type Keys = Pick<WindowProfile, 'keys'>;

interface KnownSet {
  readonly keys: Int32Array;
  /** Training windows that have exactly these keys; 0 for one learnt later. */
  windows: number;
}

export interface KeySetSnapshot {
  readonly sets: readonly (readonly number[])[];
  readonly windows: readonly number[];
}

/** Equal for equal sets of keys; 48 bits, so that different sets practically never share one. */
export function keySetHash({ keys }: Keys): number {
  let low = 0;
  let high = 0;
  for (const key of keys) {
    low = mix(low ^ mix(key + 1), 1);
    high = mix(high ^ mix(key + 0x51ed27), 7);
  }
  return (high & 0xffff) * 0x1_0000_0000 + (low >>> 0);
}

/**
 * Which keys normal windows have together, and how far a window's keys are from the nearest such set.
 *
 * How often a key comes depends on how long a window goes round in its loops; which keys it has does not. In long windows the
 * counts of a few keys drown all others, and this is what is left of their work.
 *
 * A search looks at sets of like size first and ends when the difference of sizes alone exceeds the best distance; answers
 * are cached.
 */
export class KeySetMemory {
  private readonly bySize = new Map<number, KnownSet[]>();
  private readonly byHash = new Map<number, KnownSet>();
  private readonly cache = new Map<number, number>();
  private readonly isOwn: Uint8Array;
  private largest = 0;

  private constructor(
    sets: readonly KnownSet[],
    private readonly vocabularySize: number,
  ) {
    this.isOwn = new Uint8Array(vocabularySize);
    for (const set of sets) this.remember(set);
  }

  static of(profiles: readonly Keys[], vocabularySize: number): KeySetMemory {
    const known = new Map<number, KnownSet>();
    for (const profile of profiles) {
      const hash = keySetHash(profile);
      const set = known.get(hash);
      if (set) set.windows++;
      else known.set(hash, { keys: profile.keys, windows: 1 });
    }
    const sets = [...known.values()].sort((a, b) => b.windows - a.windows);
    return new KeySetMemory(sets.slice(0, MAX_SETS), vocabularySize);
  }

  static restore(
    { sets, windows }: KeySetSnapshot,
    vocabularySize: number,
    learnt: readonly (readonly number[])[] = [],
  ): KeySetMemory {
    const known = sets.map((keys, index) => ({
      keys: Int32Array.from(keys),
      windows: windows[index] ?? 1,
    }));
    const memory = new KeySetMemory(known, vocabularySize);
    for (const keys of learnt) memory.learn({ keys: Int32Array.from(keys) });
    return memory;
  }

  snapshot(): KeySetSnapshot {
    const trained = [...this.byHash.values()].filter(({ windows }) => windows > 0);
    return {
      sets: trained.map(({ keys }) => [...keys]),
      windows: trained.map(({ windows }) => windows),
    };
  }

  /** Sets that `learn` was told. */
  learntSets(): readonly (readonly number[])[] {
    const learnt = [...this.byHash.values()].filter(({ windows }) => windows === 0);
    return learnt.map(({ keys }) => [...keys]);
  }

  /** Whether training had exactly these keys. */
  isTrained(hash: number): boolean {
    return (this.byHash.get(hash)?.windows ?? 0) > 0;
  }

  /** Counts a set among those that are known. */
  learn(profile: Keys): void {
    if (this.byHash.has(keySetHash(profile))) return;
    this.remember({ keys: profile.keys, windows: 0 });
    this.cache.clear();
  }

  unlearn(hash: number): void {
    const known = this.byHash.get(hash);
    if (known?.windows !== 0) return;
    this.byHash.delete(hash);
    const size = known.keys.length;
    this.bySize.set(
      size,
      (this.bySize.get(size) ?? []).filter((other) => other !== known),
    );
    this.cache.clear();
  }

  /**
   * Jaccard distance to the nearest known set: the share of the keys of both that only one of them has.
   *
   * @returns ratio in [0, 1]; 0 when the set is known, 1 when no set is
   */
  distanceTo(profile: Keys): number {
    const hash = keySetHash(profile);
    if (this.byHash.has(hash)) return 0;
    const cached = this.cache.get(hash);
    if (cached !== undefined) return cached;
    const distance = this.search(profile, undefined);
    if (this.cache.size >= MAX_CACHED) this.cache.clear();
    this.cache.set(hash, distance);
    return distance;
  }

  /** The distance of a window that was remembered itself: what it would be had it been left out. */
  leaveOneOutDistance(profile: Keys): number {
    const own = this.byHash.get(keySetHash(profile));
    if (own && own.windows > 1) return 0;
    return this.search(profile, own);
  }

  private search({ keys }: Keys, without: KnownSet | undefined): number {
    const size = keys.length;
    let best = 1;
    for (const key of keys) {
      if (key >= this.vocabularySize) throw new RangeError(`token ${key} is not in the vocabulary`);
      this.isOwn[key] = 1;
    }
    const farthest = Math.max(size, this.largest);
    for (let gap = 0; gap <= farthest; gap++) {
      // Of sets whose sizes differ by so much, at least this share is not common to both.
      if (gap / (size + gap) >= best) break;
      for (const set of this.atGap(size, gap)) {
        if (set === without) continue;
        best = Math.min(best, this.distanceFrom(size, set.keys));
      }
    }
    for (const key of keys) this.isOwn[key] = 0;
    return best;
  }

  private *atGap(size: number, gap: number): Iterable<KnownSet> {
    yield* this.bySize.get(size - gap) ?? [];
    if (gap > 0) yield* this.bySize.get(size + gap) ?? [];
  }

  private distanceFrom(size: number, keys: Int32Array): number {
    let common = 0;
    for (const key of keys) common += this.isOwn[key] ?? 0;
    return 1 - common / (size + keys.length - common);
  }

  private remember(set: KnownSet): void {
    const size = set.keys.length;
    this.largest = Math.max(this.largest, size);
    this.byHash.set(keySetHash(set), set);
    const known = this.bySize.get(size);
    if (known) known.push(set);
    else this.bySize.set(size, [set]);
  }
}
