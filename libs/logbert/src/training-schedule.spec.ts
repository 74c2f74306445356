import { describe, expect, it } from 'vitest';
import { seededRandom } from './seeded-random';
import { countSteps, scheduleEpoch } from './training-schedule';

const bucket = (length: number, batch: number, ...entries: number[]) => ({
  length,
  batch,
  entries: Uint32Array.from(entries),
});
const buckets = [bucket(5, 2, 0, 1, 2, 3, 4), bucket(9, 3, 5, 6, 7)];

describe('scheduleEpoch', () => {
  it('takes every window once, each in a step of its bucket', () => {
    const steps = scheduleEpoch(buckets, seededRandom(1));
    expect(steps).toHaveLength(countSteps(buckets));
    const taken = steps.flatMap(({ bucket, entries }) =>
      [...entries].map((entry) => ({ bucket, entry })),
    );
    expect(taken.sort((a, b) => a.entry - b.entry).map(({ bucket }) => bucket)).toEqual([
      0, 0, 0, 0, 0, 1, 1, 1,
    ]);
  });

  it('takes the first steps of the same order when there are to be fewer', () => {
    const all = scheduleEpoch(buckets, seededRandom(2));
    expect(scheduleEpoch(buckets, seededRandom(2), 2)).toEqual(all.slice(0, 2));
    expect(scheduleEpoch(buckets, seededRandom(2), 100)).toEqual(all);
    expect(countSteps(buckets, 2)).toBe(2);
    expect(countSteps(buckets, 100)).toBe(4);
  });

  it('has no step without windows', () => {
    expect(scheduleEpoch([], seededRandom(3))).toEqual([]);
    expect(countSteps([])).toBe(0);
  });
});
