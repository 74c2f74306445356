import { BitCounters } from './bit-counters';
import type { WindowProfile } from './window-profile';

/** A count vector that is remembered. */
export interface KnownVector {
  readonly profile: WindowProfile;
  /** Training windows that have exactly this vector. */
  windows: number;
}

/** Which vectors have a key at least once, at least twice, and so on: a row of bits each, one bit a vector. */
interface Index {
  readonly bits: Int32Array;
  /** For each key the number of its first row, and of its rows. */
  readonly rowsOf: ReadonlyMap<number, { readonly first: number; readonly rows: number }>;
  /** Lines that each vector has in common with the window that is looked for. */
  readonly common: BitCounters;
}

/**
 * Known vectors of windows of one length; |a| + |b| − 2·common lines is their L1 distance.
 *
 * Where many vectors share their keys, a search adds up, line by line of the window, which vectors have that line as well: 32
 * vectors at once. Where that would take more room than the vectors do, as for a few long ones, it looks at one after the other.
 */
export class VectorsOfLength {
  private vectors: KnownVector[] = [];
  /** Undefined until it is asked for, null where it would be larger than the vectors. */
  private index: Index | null | undefined;

  constructor(private readonly length: number) {}

  add(vector: KnownVector): void {
    this.vectors.push(vector);
    this.index = undefined;
  }

  remove(vector: KnownVector): void {
    this.vectors = this.vectors.filter((other) => other !== vector);
    this.index = undefined;
  }

  /**
   * The least L1 distance to a window, or `best` when none is nearer.
   *
   * @param without left out
   */
  nearest(window: WindowProfile, best: number, without: KnownVector | undefined): number {
    const index = this.indexed();
    let most = 0;
    if (index) most = commonWith(index, window).largest(without && this.vectors.indexOf(without));
    else {
      for (const vector of this.vectors) {
        if (vector !== without) most = Math.max(most, commonLines(vector.profile, window));
      }
    }
    return Math.min(best, window.length + this.length - 2 * most);
  }

  /** Those at most so far from a window, with their L1 distances. */
  within(
    window: WindowProfile,
    reach: number,
  ): readonly (KnownVector & { readonly distance: number })[] {
    const index = this.indexed();
    const common = index && commonWith(index, window);
    return this.vectors.flatMap((vector, place) => {
      const lines = common ? common.valueOf(place) : commonLines(vector.profile, window);
      const distance = window.length + this.length - 2 * lines;
      return distance <= reach ? [{ ...vector, distance }] : [];
    });
  }

  private indexed(): Index | null {
    if (this.index === undefined) this.index = indexOf(this.vectors, this.length);
    return this.index;
  }
}

/** Lines that two windows have in common; the keys of both ascend. */
function commonLines(one: WindowProfile, other: WindowProfile): number {
  let lines = 0;
  let at = 0;
  for (let own = 0; own < one.keys.length; own++) {
    const key = one.keys[own] ?? 0;
    while (at < other.keys.length && (other.keys[at] ?? 0) < key) at++;
    if (other.keys[at] === key) lines += Math.min(one.counts[own] ?? 0, other.counts[at] ?? 0);
  }
  return lines;
}

/** Lines that each vector has in common with a window; good until the next search. */
function commonWith({ bits, rowsOf, common }: Index, { keys, counts }: WindowProfile): BitCounters {
  common.clear();
  for (const [at, key] of keys.entries()) {
    const known = rowsOf.get(key);
    if (!known) continue;
    const rows = Math.min(known.rows, counts[at] ?? 0);
    for (let row = 0; row < rows; row++) common.add(bits, (known.first + row) * common.words);
  }
  return common;
}

/** @returns null where it would be larger than the keys and counts of the vectors */
function indexOf(vectors: readonly KnownVector[], length: number): Index | null {
  const most = new Map<number, number>();
  let pairs = 0;
  for (const { profile } of vectors) {
    pairs += profile.keys.length;
    for (const [at, key] of profile.keys.entries()) {
      most.set(key, Math.max(most.get(key) ?? 0, profile.counts[at] ?? 0));
    }
  }
  const rowsOf = new Map<number, { first: number; rows: number }>();
  let first = 0;
  for (const [key, rows] of most) {
    rowsOf.set(key, { first, rows });
    first += rows;
  }
  const common = new BitCounters(vectors.length, Math.max(1, length));
  if (first * common.words > 2 * pairs) return null;
  const bits = new Int32Array(first * common.words);
  for (const [vector, { profile }] of vectors.entries()) {
    for (const [at, key] of profile.keys.entries()) {
      const start = rowsOf.get(key)?.first ?? 0;
      for (let row = 0; row < (profile.counts[at] ?? 0); row++) {
        const word = (start + row) * common.words + (vector >>> 5);
        bits[word] = (bits[word] ?? 0) | (1 << (vector & 31));
      }
    }
  }
  return { bits, rowsOf, common };
}
