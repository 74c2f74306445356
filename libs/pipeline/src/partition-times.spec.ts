import { describe, expect, it } from 'vitest';
import { PartitionTimes } from './partition-times';

describe('PartitionTimes', () => {
  it('puts windows in the order of time, ties by partition and then by their own order', () => {
    const times = new PartitionTimes();
    times.note('b/0', 30, 2);
    times.note('b/0', 10, 1);
    times.note('a/0', 30, 1);
    times.note('a/0', 40, 0);
    times.note('a/1', 5, 1);
    expect([...times.order()]).toEqual([4, 3, 0, 1, 2]);
  });

  it('has nothing to put in order at first', () => {
    expect([...new PartitionTimes().order()]).toEqual([]);
  });
});
