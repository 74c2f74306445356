import { describe, expect, it } from 'vitest';
import { CollectedSamples } from './collected-samples';
import { buildBuckets, cutBatches, sequencesAtOnce, sequencesInCache } from './length-buckets';
import { RepeatedSamples } from './training-samples';

/** Windows of these lengths, no two alike. */
const samples = (lengths: readonly number[]): RepeatedSamples => {
  const set = new CollectedSamples(1_000_000);
  for (const [index, length] of lengths.entries()) set.add(new Int32Array(length).fill(index), 1);
  return new RepeatedSamples(set, 1);
};

const positions = (lengths: readonly number[], batchSize: number): number =>
  buildBuckets(samples(lengths), batchSize).reduce(
    (sum, { length, entries }) => sum + length * entries.length,
    0,
  );

describe('buildBuckets', () => {
  it('puts every window into the bucket it fits', () => {
    const lengths = Array.from({ length: 500 }, (_, i) => 1 + ((i * 7) % 40));
    const windows = samples(lengths);
    const buckets = buildBuckets(windows, 16);
    expect(buckets).toHaveLength(4);
    expect(buckets.flatMap(({ entries }) => [...entries])).toHaveLength(500);
    for (const [index, bucket] of buckets.entries()) {
      const shortest = buckets[index - 1]?.length ?? 1;
      for (const entry of bucket.entries) {
        expect(windows.lengthOf(entry) + 1).toBeLessThanOrEqual(bucket.length);
        expect(windows.lengthOf(entry) + 1).toBeGreaterThan(index === 0 ? 0 : shortest);
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

  it('computes fewer windows at once where they are long', () => {
    const buckets = buildBuckets(samples(new Array<number>(64).fill(511)), 64);
    expect(buckets).toMatchObject([{ length: 512, batch: 4 }]);
  });
});

describe('sequencesAtOnce', () => {
  it('keeps positions, and pairs of positions, of a batch within bounds', () => {
    expect([1, 65, 66, 130, 260, 512].map((length) => sequencesAtOnce(length, 64))).toEqual([
      64, 64, 63, 32, 16, 4,
    ]);
    expect(sequencesAtOnce(10_000, 64)).toBe(1);
  });
});

describe('sequencesInCache', () => {
  it('computes fewer at once the wider the network and the longer the sequences, at least one', () => {
    const of = (length: number) => (hidden: number) => sequencesInCache(length, hidden, 1);
    expect([1, 32, 128, 256, 1_024, 100_000].map(of(64))).toEqual([64, 64, 16, 8, 2, 1]);
    expect([1, 32, 128, 256, 1_024].map(of(20))).toEqual([64, 64, 51, 25, 6]);
    expect(sequencesInCache(64, 128, 2)).toBe(32);
  });
});

describe('cutBatches', () => {
  const cut = (lengths: readonly number[], batchSize: number) => [
    ...cutBatches(
      lengths,
      (length) => length,
      (length) => sequencesAtOnce(length, batchSize),
    ),
  ];

  it('fills batches in order, fewer to a batch as they get longer', () => {
    expect(cut([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
    expect(cut([10, 10, 130, 130, 130], 2)).toEqual([[10, 10], [130], [130], [130]]);
    expect(cut([], 2)).toEqual([]);
  });
});
