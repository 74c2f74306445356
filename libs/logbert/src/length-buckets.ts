import type { RepeatedSamples } from './training-samples';

/** Windows of similar length that share one training graph. */
export interface Bucket {
  /** Positions of the longest window, `[DIST]` included. */
  readonly length: number;
  /** Windows of a step. */
  readonly batch: number;
  /** Numbers of the windows, each as often as it comes in an epoch. */
  readonly entries: Uint32Array;
}

const MOST_BUCKETS = 4;
/** Positions of a window up to which a step holds as many windows as it is told to; the default of sessions. */
const COMMON_LENGTH = 65;
/** From so many times that length, the memory of attention, which grows with its square, is what bounds a step. */
const LONG_TIMES = 4;

/**
 * Groups windows by length so that as little padding as possible is computed.
 *
 * The boundaries minimise the padded positions exactly (dynamic programming over the distinct lengths); the
 * batches of a bucket are of one size, the largest that spreads its windows evenly.
 *
 * @param batchSize windows of a step at the most; of windows of more than 64 lines fewer (`sequencesAtOnce`), since
 *   the memory of a step grows with its positions
 * @returns at most four buckets, short windows first; fewer when there are too few windows to fill batches
 */
export function buildBuckets(samples: RepeatedSamples, batchSize: number): readonly Bucket[] {
  const counts = new Map<number, number>();
  for (const entry of samples.entries) {
    const length = samples.lengthOf(entry);
    counts.set(length, (counts.get(length) ?? 0) + 1);
  }
  const lengths = [...counts.keys()].sort((a, b) => a - b);
  const most = Math.max(1, Math.min(MOST_BUCKETS, Math.floor(samples.entries.length / batchSize)));
  const limits = chooseLimits(lengths, counts, Math.min(most, lengths.length));
  return limits.map((limit, index) => {
    const above = limits[index - 1] ?? 0;
    const fits = (length: number): boolean => length > above && length <= limit;
    const entries = new Uint32Array(sumOf(lengths.filter(fits), counts));
    let at = 0;
    // Filled by hand: `filter` would collect the numbers in a list of eight bytes each first.
    for (const entry of samples.entries) if (fits(samples.lengthOf(entry))) entries[at++] = entry;
    const batches = Math.ceil(entries.length / sequencesAtOnce(limit + 1, batchSize));
    return { length: limit + 1, batch: Math.ceil(entries.length / batches), entries };
  });
}

/**
 * How many sequences of so many positions are computed at once, when `batchSize` of common length are: as many as have no
 * more positions together, and above 260 positions as many as have four times the pairs of positions.
 *
 * @returns at least 1, at most `batchSize`
 */
export function sequencesAtOnce(length: number, batchSize: number): number {
  const times = length / COMMON_LENGTH;
  const fitting = batchSize / Math.max(1, times, times ** 2 / LONG_TIMES);
  return Math.max(1, Math.floor(fitting));
}

/** Numbers of one layer's output, 4 bytes each: what is made of them in between is some times as much, and stays in a second-level cache. */
const CACHED_NUMBERS = 2 ** 17;
/** Larger batches win nothing, a thread. */
const MOST_SEQUENCES = 64;

/**
 * How many sequences of so many positions are computed at once so that the layers find in a core's cache what the one before left.
 * Measured with networks of 128 and 256, 20 to 64 positions: within 3 % of the best size, up to 19 % faster than with 64.
 *
 * @param hidden numbers of one position
 * @param threads that share them, each on a core of its own
 * @returns at least 1, at most 64 a thread
 */
export function sequencesInCache(length: number, hidden: number, threads: number): number {
  const fitting = Math.floor(CACHED_NUMBERS / (length * hidden));
  return threads * Math.min(MOST_SEQUENCES, Math.max(1, fitting));
}

/**
 * Cuts items into batches to compute at once.
 *
 * @param items by rising length
 * @param positionsOf positions of an item's sequence, `[DIST]` included
 * @param mostOf how many sequences of so many positions a batch has at the most
 */
export function* cutBatches<Item>(
  items: readonly Item[],
  positionsOf: (item: Item) => number,
  mostOf: (positions: number) => number,
): Iterable<readonly Item[]> {
  let batch: Item[] = [];
  for (const item of items) {
    if (batch.length >= mostOf(positionsOf(item))) {
      yield batch;
      batch = [];
    }
    batch.push(item);
  }
  if (batch.length > 0) yield batch;
}

function sumOf(lengths: readonly number[], counts: ReadonlyMap<number, number>): number {
  return lengths.reduce((sum, length) => sum + (counts.get(length) ?? 0), 0);
}

/** The `buckets` upper lengths with the fewest padded positions. */
function chooseLimits(
  lengths: readonly number[],
  counts: ReadonlyMap<number, number>,
  buckets: number,
): readonly number[] {
  interface Plan {
    readonly cost: number;
    readonly limits: readonly number[];
  }
  // best[i]: the cheapest plan for the i shortest lengths with the buckets used so far
  let best: (Plan | undefined)[] = lengths.map(() => undefined);
  best.unshift({ cost: 0, limits: [] });
  for (let used = 0; used < buckets; used++) {
    const next: (Plan | undefined)[] = best.map(() => undefined);
    for (let end = 1; end <= lengths.length; end++) {
      const limit = lengths[end - 1] ?? 0;
      let windows = 0;
      for (let start = end - 1; start >= 0; start--) {
        windows += counts.get(lengths[start] ?? 0) ?? 0;
        const before = best[start];
        if (!before) continue;
        const cost = before.cost + windows * (limit + 1);
        if (cost < (next[end]?.cost ?? Infinity)) {
          next[end] = { cost, limits: [...before.limits, limit] };
        }
      }
    }
    best = next;
  }
  return best[lengths.length]?.limits ?? [];
}
