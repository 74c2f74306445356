import { SlotTable } from './slot-table';
import { mix } from './window-profile';

/** Longest n-grams that are remembered. Forrest et al., "A Sense of Self for Unix Processes", S&P 1996: six. */
export const MAX_NGRAM = 6;
/** In a large unlabelled training set an n-gram of one or two windows more likely came from an anomaly. */
const MAX_SUPPORT = 3;
const WINDOWS_A_SUPPORT = 2_000;
/** Most n-grams that are remembered, 4 bytes and one slot spare each. */
const MAX_REMEMBERED = 262_144;
/** Most n-grams that are learnt while judging. */
const MAX_LEARNT = 65_536;

/** Stand before the first line of a session and after the last; keys are 0 and above. */
const BEGINNING = -1;
const END = -2;

export interface NgramSnapshot {
  /** Longest n-grams remembered; shorter than MAX_NGRAM when the longer ones were too many. */
  readonly order: number;
  /** Hashes of the n-grams of all lengths. */
  readonly hashes: readonly number[];
  /** Lines at which a session is cut; absent where windows are no sessions. */
  readonly cutAt?: number | undefined;
}

/**
 * Counts in how many windows each n-gram occurs, n = 2 to 6.
 *
 * How a session begins and that it ends are part of its order, so that one that breaks off shows an n-gram that no other
 * has. A window cut for its length has no end.
 *
 * The memory is bounded: when a length has too many different n-grams, it and all longer ones are left out.
 *
 * @param cutAt lines at which a session is cut; left out where windows are no sessions, and begin and end anywhere
 */
export function countNgrams(windows: readonly Int32Array[], cutAt?: number): NgramCounts {
  const counts: Map<number, number>[] = [];
  let remembered = 0;
  for (let n = 2; n <= MAX_NGRAM; n++) {
    const level = countLevel({ windows, cutAt, n, room: MAX_REMEMBERED - remembered });
    if (!level) break;
    remembered += level.size;
    counts.push(level);
  }
  const support = Math.min(MAX_SUPPORT, 1 + Math.floor(windows.length / WINDOWS_A_SUPPORT));
  return { order: counts.length + 1, support, counts, cutAt };
}

export interface NgramCounts {
  readonly order: number;
  /** Windows that must have an n-gram before it counts as seen. */
  readonly support: number;
  /** For n = 2 and up, windows that have each n-gram, by hash. */
  readonly counts: readonly ReadonlyMap<number, number>[];
  readonly cutAt: number | undefined;
}

interface Level {
  readonly windows: readonly Int32Array[];
  readonly cutAt: number | undefined;
  readonly n: number;
  readonly room: number;
}

function countLevel({ windows, cutAt, n, room }: Level): Map<number, number> | undefined {
  const level = new Map<number, number>();
  for (const window of windows) {
    const own = new Set<number>();
    const tokens = withEnds(window, cutAt);
    for (let end = n - 1; end < tokens.length; end++) own.add(hashEnding(tokens, end, n));
    for (const hash of own) level.set(hash, (level.get(hash) ?? 0) + 1);
    if (level.size > room) return undefined;
  }
  return level;
}

/** The window with its beginning and, unless it was cut, its end; itself where windows are no sessions. */
function withEnds(window: Int32Array, cutAt: number | undefined): Int32Array {
  if (cutAt === undefined) return window;
  const isCut = window.length >= cutAt;
  const tokens = new Int32Array(window.length + (isCut ? 1 : 2));
  tokens[0] = BEGINNING;
  tokens.set(window, 1);
  if (!isCut) tokens[tokens.length - 1] = END;
  return tokens;
}

/** Hash of the n tokens ending at a position; 32 bits, never 0, which marks a free slot. */
function hashEnding(tokens: Int32Array, end: number, n: number): number {
  let hash = n;
  for (let position = end - n + 1; position <= end; position++) {
    hash = mix(hash, (tokens[position] ?? 0) + 1);
  }
  return hash >>> 0 || 1;
}

/** The n-grams that normal windows have, in a table of hashes: one in 10,000 unseen ones passes as seen at the most. */
export class NgramMemory {
  private readonly learnt = new SlotTable();
  private readonly table: Uint32Array;
  private readonly mask: number;

  private constructor(
    private readonly order: number,
    private readonly hashes: Uint32Array,
    private readonly cutAt: number | undefined,
  ) {
    let slots = 16;
    while (slots < hashes.length * 2) slots *= 2;
    this.table = new Uint32Array(slots);
    this.mask = slots - 1;
    for (const hash of hashes) this.table[this.slotOf(hash)] = hash;
  }

  static of({ order, support, counts, cutAt }: NgramCounts): NgramMemory {
    const hashes = new Set<number>();
    for (const level of counts) {
      for (const [hash, windows] of level) if (windows >= support) hashes.add(hash);
    }
    return new NgramMemory(order, Uint32Array.from(hashes).sort(), cutAt);
  }

  static restore({ order, hashes, cutAt }: NgramSnapshot): NgramMemory {
    return new NgramMemory(order, Uint32Array.from(hashes), cutAt);
  }

  snapshot(): NgramSnapshot {
    return { order: this.order, hashes: [...this.hashes], cutAt: this.cutAt };
  }

  /** Counts an n-gram among those seen from now on. */
  learn(hash: number): void {
    if (this.learnt.size < MAX_LEARNT) this.learnt.take(hash);
  }

  unlearn(hash: number): void {
    this.learnt.release(hash);
  }

  /** Hashes of n-grams that `learn` was told. */
  learntHashes(): readonly number[] {
    return [...this.learnt];
  }

  /** Hashes of the window's n-grams that training did not have, each as often as it occurs. */
  unseenOf(window: Int32Array): readonly number[] {
    const unseen: number[] = [];
    const tokens = withEnds(window, this.cutAt);
    for (let end = 1; end < tokens.length; end++) {
      for (let n = 2; n <= Math.min(this.order, end + 1); n++) {
        const hash = hashEnding(tokens, end, n);
        if (!this.isTrained(hash)) unseen.push(hash);
      }
    }
    return unseen;
  }

  /**
   * How new the order of the lines is: the share of n-grams not seen before, the longer ones with double weight a step.
   *
   * A window shorter than n has no n-gram of that length and is judged by the shorter ones.
   *
   * @returns ratio in [0, 1]; 0 for fewer than two tokens that are no session
   */
  noveltyOf(tokens: Int32Array): number {
    return meanNovelty(withEnds(tokens, this.cutAt), this.order, (hash) => this.has(hash));
  }

  /**
   * Positions at which an unseen n-gram ends that has no shorter unseen one within: where the order breaks. A session that
   * ends as no other does breaks at its last line.
   */
  brokenPositions(window: Int32Array): readonly number[] {
    const tokens = withEnds(window, this.cutAt);
    const first = this.cutAt === undefined ? 0 : 1;
    const last = window.length - 1;
    const broken: number[] = [];
    let coveredTo = -1;
    for (let end = 1; end < tokens.length; end++) {
      for (let n = 2; n <= Math.min(this.order, end + 1); n++) {
        if (end - n + 1 < coveredTo) break;
        if (this.has(hashEnding(tokens, end, n))) continue;
        const position = Math.min(last, end - first);
        if (broken.at(-1) !== position) broken.push(position);
        coveredTo = end;
        break;
      }
    }
    return broken;
  }

  private has(hash: number): boolean {
    return this.isTrained(hash) || this.learnt.has(hash);
  }

  private isTrained(hash: number): boolean {
    return this.table[this.slotOf(hash)] === hash;
  }

  /** The slot of a hash, or the free one where it would be. */
  private slotOf(hash: number): number {
    let slot = hash & this.mask;
    while (this.table[slot] !== 0 && this.table[slot] !== hash) slot = (slot + 1) & this.mask;
    return slot;
  }
}

/** The novelty of a window that is itself among those counted: what it would be had it been left out. */
export function leaveOneOutNovelty(
  tokens: Int32Array,
  { order, support, counts, cutAt }: NgramCounts,
): number {
  return meanNovelty(
    withEnds(tokens, cutAt),
    order,
    (hash, n) => (counts[n - 2]?.get(hash) ?? 0) > support,
  );
}

function meanNovelty(
  tokens: Int32Array,
  order: number,
  isKnown: (hash: number, n: number) => boolean,
): number {
  let sum = 0;
  let weights = 0;
  for (let n = 2; n <= Math.min(order, tokens.length); n++) {
    let unseen = 0;
    for (let end = n - 1; end < tokens.length; end++) {
      if (!isKnown(hashEnding(tokens, end, n), n)) unseen++;
    }
    const weight = 2 ** n;
    sum += (weight * unseen) / (tokens.length - n + 1);
    weights += weight;
  }
  return weights === 0 ? 0 : sum / weights;
}
