import { type KnownVector, VectorsOfLength } from './vectors-of-length';
import { profileOf, type WindowProfile } from './window-profile';

/** Distinct count vectors that are remembered, the most frequent first. */
const MAX_VECTORS = 4_096;
const MAX_CACHED = 16_384;
const MAX_CACHED_NEIGHBOURS = 2_048;

/** How much farther than the nearest a vector may be and still count as alike, in lines. */
const NEIGHBOUR_SLACK = 1;
const MAX_NEIGHBOURS = 32;

export interface CountVectorSnapshot {
  /** Keys and counts alternating: `[key, count, key, count, …]`. */
  readonly vectors: readonly (readonly number[])[];
  readonly windows: readonly number[];
}

/** A remembered vector near a window. */
export interface Neighbour {
  readonly profile: WindowProfile;
  readonly windows: number;
  readonly distance: number;
}

/**
 * The count vectors of normal windows, and how far a window is from the nearest.
 *
 * Vectors are kept once with their multiplicity. A search looks at vectors of like length first and ends when the
 * difference of lengths alone exceeds the best distance, a lower bound of L1; answers are cached by vector.
 */
export class CountVectorMemory {
  private readonly byLength = new Map<number, VectorsOfLength>();
  private readonly byHash = new Map<number, KnownVector>();
  private readonly learnt = new Set<number>();
  private longest = 0;
  private readonly cache = new Map<number, number>();
  private readonly neighbourCache = new Map<number, readonly Neighbour[]>();

  private constructor(vectors: readonly KnownVector[]) {
    for (const vector of vectors) this.remember(vector);
  }

  /** Whether training had exactly these counts. */
  isTrained(hash: number): boolean {
    return this.byHash.has(hash) && !this.learnt.has(hash);
  }

  /** Whether `learn` was told these counts. */
  isLearnt(hash: number): boolean {
    return this.learnt.has(hash);
  }

  /** Counts a vector among those that are known. */
  learn(profile: WindowProfile): void {
    if (this.byHash.has(profile.hash)) return;
    this.learnt.add(profile.hash);
    this.remember({ profile, windows: 1 });
    this.cache.clear();
    this.neighbourCache.clear();
  }

  unlearn(hash: number): void {
    const known = this.byHash.get(hash);
    if (!known || !this.learnt.delete(hash)) return;
    this.byHash.delete(hash);
    this.byLength.get(known.profile.length)?.remove(known);
    this.cache.clear();
    this.neighbourCache.clear();
  }

  /** Vectors that `learn` was told, as keys and counts alternating. */
  learntVectors(): readonly (readonly number[])[] {
    return [...this.learnt].flatMap((hash) => {
      const known = this.byHash.get(hash);
      return known ? [pairsOf(known.profile)] : [];
    });
  }

  private remember(vector: KnownVector): void {
    const { length, hash } = vector.profile;
    this.longest = Math.max(this.longest, length);
    this.byHash.set(hash, vector);
    let alike = this.byLength.get(length);
    if (!alike) this.byLength.set(length, (alike = new VectorsOfLength(length)));
    alike.add(vector);
  }

  static of(profiles: readonly WindowProfile[]): CountVectorMemory {
    const known = new Map<number, KnownVector>();
    for (const profile of profiles) {
      const vector = known.get(profile.hash);
      if (vector) vector.windows++;
      else known.set(profile.hash, { profile, windows: 1 });
    }
    const vectors = [...known.values()].sort((a, b) => b.windows - a.windows);
    return new CountVectorMemory(vectors.slice(0, MAX_VECTORS));
  }

  static restore(
    { vectors, windows }: CountVectorSnapshot,
    learnt: readonly (readonly number[])[] = [],
  ): CountVectorMemory {
    const known = vectors.map((pairs, index) => ({
      profile: profileOfPairs(pairs),
      windows: windows[index] ?? 1,
    }));
    const memory = new CountVectorMemory(known);
    for (const pairs of learnt) memory.learn(profileOfPairs(pairs));
    return memory;
  }

  snapshot(): CountVectorSnapshot {
    const known = [...this.byHash.values()].filter(({ profile }) => this.isTrained(profile.hash));
    return {
      vectors: known.map(({ profile }) => pairsOf(profile)),
      windows: known.map(({ windows }) => windows),
    };
  }

  /** L1 distance to the nearest known vector, in lines; the window's own length when none is known. */
  distanceTo(profile: WindowProfile): number {
    if (this.byHash.has(profile.hash)) return 0;
    const cached = this.cache.get(profile.hash);
    if (cached !== undefined) return cached;
    const distance = this.search(profile, undefined);
    if (this.cache.size >= MAX_CACHED) this.cache.clear();
    this.cache.set(profile.hash, distance);
    return distance;
  }

  /** The distance of a window that was remembered itself: what it would be had it been left out. */
  leaveOneOutDistance(profile: WindowProfile): number {
    const own = this.byHash.get(profile.hash);
    if (own && own.windows > 1) return 0;
    return this.search(profile, own);
  }

  /** Known vectors at most one line farther than the nearest, most frequent first, at most 32. */
  neighbours(profile: WindowProfile): readonly Neighbour[] {
    const known = this.neighbourCache.get(profile.hash);
    if (known) return known;
    const found = this.findNeighbours(profile, this.distanceTo(profile) + NEIGHBOUR_SLACK);
    if (this.neighbourCache.size >= MAX_CACHED_NEIGHBOURS) this.neighbourCache.clear();
    this.neighbourCache.set(profile.hash, found);
    return found;
  }

  private findNeighbours(profile: WindowProfile, reach: number): readonly Neighbour[] {
    const found: Neighbour[] = [];
    for (let gap = 0; gap <= reach; gap++) {
      for (const vectors of this.atGap(profile.length, gap)) {
        found.push(...vectors.within(profile, reach));
      }
    }
    return found
      .sort((a, b) => b.windows - a.windows || a.distance - b.distance)
      .slice(0, MAX_NEIGHBOURS);
  }

  private search(profile: WindowProfile, without: KnownVector | undefined): number {
    let best = profile.length;
    const farthest = Math.max(profile.length, this.longest);
    for (let gap = 0; gap < best && gap <= farthest; gap++) {
      for (const vectors of this.atGap(profile.length, gap)) {
        best = vectors.nearest(profile, best, without);
      }
    }
    return best;
  }

  private atGap(length: number, gap: number): readonly VectorsOfLength[] {
    const lengths = gap === 0 ? [length] : [length - gap, length + gap];
    return lengths.flatMap((other) => this.byLength.get(other) ?? []);
  }
}

function pairsOf({ keys, counts }: WindowProfile): readonly number[] {
  return [...keys].flatMap((key, index) => [key, counts[index] ?? 0]);
}

function profileOfPairs(pairs: readonly number[]): WindowProfile {
  const tokens: number[] = [];
  for (let at = 0; at + 1 < pairs.length; at += 2) {
    for (let times = pairs[at + 1] ?? 0; times > 0; times--) tokens.push(pairs[at] ?? 0);
  }
  return profileOf(Int32Array.from(tokens));
}
