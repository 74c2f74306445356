import { describe, expect, it } from 'vitest';
import { buildBuckets } from './length-buckets';
import type { Sample } from './training-samples';

const samples = (lengths: readonly number[]): Sample[] =>
  lengths.map((length) => ({ tokens: new Int32Array(length).fill(4), weight: 1 }));

const positions = (lengths: readonly number[], batchSize: number): number =>
  buildBuckets(samples(lengths), batchSize).reduce(
    (sum, { length, samples: own }) => sum + length * own.length,
    0,
  );

describe('buildBuckets', () => {
  it('puts every window into the bucket it fits', () => {
    const lengths = Array.from({ length: 500 }, (_, i) => 1 + ((i * 7) % 40));
    const buckets = buildBuckets(samples(lengths), 16);
    expect(buckets).toHaveLength(4);
    expect(buckets.flatMap((bucket) => bucket.samples)).toHaveLength(500);
    for (const [index, bucket] of buckets.entries()) {
      const shortest = buckets[index - 1]?.length ?? 1;
      for (const { tokens } of bucket.samples) {
        expect(tokens.length + 1).toBeLessThanOrEqual(bucket.length);
        expect(tokens.length + 1).toBeGreaterThan(index === 0 ? 0 : shortest);
      }
    }
  });

  it('pads nothing when there are as few lengths as buckets', () => {
    const lengths = [3, 3, 3, 3, 9, 9, 9, 9, 20, 20, 20, 20];
    expect(positions(lengths, 3)).toBe(lengths.reduce((sum, length) => sum + length + 1, 0));
  });

  it('finds the cheapest boundaries', () => {
    const lengths = [...new Array<number>(50).fill(5), 6, 7, 8, ...new Array<number>(50).fill(20)];
    const limits = buildBuckets(samples(lengths), 50).map(({ length }) => length - 1);
    // 50·6 + 53·21 positions; with a limit of 8 it would be 53·9 + 50·21.
    expect(limits).toEqual([5, 20]);
  });

  it('makes one bucket of few windows, with a batch no larger than they are', () => {
    expect(buildBuckets(samples([2, 5, 9]), 64)).toMatchObject([{ length: 10, batch: 3 }]);
  });

  it('spreads windows evenly over the batches', () => {
    expect(buildBuckets(samples(new Array<number>(65).fill(4)), 64)).toMatchObject([{ batch: 33 }]);
  });
});
