import type { WindowProfile } from './window-profile';

/** A count vector that is remembered. */
export interface KnownVector {
  readonly profile: WindowProfile;
  /** Training windows that have exactly this vector. */
  windows: number;
}

/** All of them in one piece, since a search goes through thousands: `[key, count, key, count, …]` and where each ends. */
interface Flat {
  readonly pairs: Int32Array;
  readonly ends: Int32Array;
}

/** Known vectors of windows of one length. */
export class VectorsOfLength {
  private vectors: KnownVector[] = [];
  private flat: Flat | undefined;

  constructor(private readonly length: number) {}

  add(vector: KnownVector): void {
    this.vectors.push(vector);
    this.flat = undefined;
  }

  remove(vector: KnownVector): void {
    this.vectors = this.vectors.filter((other) => other !== vector);
    this.flat = undefined;
  }

  /**
   * The least L1 distance to a window that is spread out, or `best` when none is nearer.
   *
   * @param spread how often the window has each key of the vocabulary
   * @param length lines of the window
   * @param without left out
   */
  nearest(
    spread: Int32Array,
    length: number,
    best: number,
    without: KnownVector | undefined,
  ): number {
    const flat = this.flatten();
    let nearest = best;
    for (let index = 0; index < flat.ends.length; index++) {
      const most = Math.ceil((nearest - length + this.length) / 2) - 1;
      const distance = length - this.length + 2 * missedOf(flat, index, spread, most);
      if (distance < nearest && this.vectors[index] !== without) nearest = distance;
    }
    return nearest;
  }

  /** Those at most so far from a window that is spread out, with their L1 distances. */
  within(
    spread: Int32Array,
    length: number,
    reach: number,
  ): readonly (KnownVector & { readonly distance: number })[] {
    const flat = this.flatten();
    const most = Math.floor((reach - length + this.length) / 2);
    return this.vectors.flatMap((vector, index) => {
      const distance = length - this.length + 2 * missedOf(flat, index, spread, most);
      return distance <= reach ? [{ ...vector, distance }] : [];
    });
  }

  private flatten(): Flat {
    if (this.flat) return this.flat;
    const keys = this.vectors.reduce((sum, { profile }) => sum + profile.keys.length, 0);
    const pairs = new Int32Array(2 * keys);
    const ends = new Int32Array(this.vectors.length);
    let filled = 0;
    for (const [index, { profile }] of this.vectors.entries()) {
      for (let at = 0; at < profile.keys.length; at++) {
        pairs[filled++] = profile.keys[at] ?? 0;
        pairs[filled++] = profile.counts[at] ?? 0;
      }
      ends[index] = filled;
    }
    return (this.flat = { pairs, ends });
  }
}

/**
 * Lines of a known vector that a window lacks; |a| − |b| + 2·missed is their L1 distance.
 *
 * @param most looks no further beyond so many, and gives more than that
 */
function missedOf({ pairs, ends }: Flat, index: number, spread: Int32Array, most: number): number {
  const end = ends[index] ?? 0;
  let missed = 0;
  for (let at = index === 0 ? 0 : (ends[index - 1] ?? 0); at < end; at += 2) {
    const lacking = (pairs[at + 1] ?? 0) - (spread[pairs[at] ?? 0] ?? 0);
    if (lacking <= 0) continue;
    missed += lacking;
    if (missed > most) break;
  }
  return missed;
}
