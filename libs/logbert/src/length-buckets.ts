import type { Sample } from './training-samples';

/** Windows of similar length that share one training graph. */
export interface Bucket {
  /** Positions of the longest window, `[DIST]` included. */
  readonly length: number;
  /** Windows of a step. */
  readonly batch: number;
  readonly samples: readonly Sample[];
}

const MOST_BUCKETS = 4;

/**
 * Groups windows by length so that as little padding as possible is computed.
 *
 * The boundaries minimise the padded positions exactly (dynamic programming over the distinct lengths); the
 * batches of a bucket are of one size, the largest up to `batchSize` that spreads its windows evenly.
 *
 * @returns at most four buckets, short windows first; fewer when there are too few windows to fill batches
 */
export function buildBuckets(samples: readonly Sample[], batchSize: number): readonly Bucket[] {
  const counts = new Map<number, number>();
  for (const { tokens } of samples) counts.set(tokens.length, (counts.get(tokens.length) ?? 0) + 1);
  const lengths = [...counts.keys()].sort((a, b) => a - b);
  const most = Math.max(1, Math.min(MOST_BUCKETS, Math.floor(samples.length / batchSize)));
  const limits = chooseLimits(lengths, counts, Math.min(most, lengths.length));
  return limits.map((limit, index) => {
    const above = limits[index - 1] ?? 0;
    const own = samples.filter(({ tokens }) => tokens.length > above && tokens.length <= limit);
    const batches = Math.ceil(own.length / batchSize);
    return { length: limit + 1, batch: Math.ceil(own.length / batches), samples: own };
  });
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
