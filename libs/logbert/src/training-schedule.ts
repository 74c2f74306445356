import type { Bucket } from './length-buckets';
import { shuffle } from './seeded-random';

/** One training step: which bucket's graph, and the numbers of its windows. */
export interface Step {
  readonly bucket: number;
  readonly entries: Uint32Array;
}

/**
 * The steps of one epoch: every window once, windows and steps in random order.
 *
 * @param most steps at the most, the first ones of that order
 */
export function scheduleEpoch(
  buckets: readonly Bucket[],
  random: () => number,
  most = Infinity,
): readonly Step[] {
  const steps: Step[] = [];
  for (const [bucket, { entries, batch }] of buckets.entries()) {
    const order = entries.slice();
    shuffle(order, random);
    for (let from = 0; from < order.length; from += batch) {
      steps.push({ bucket, entries: order.subarray(from, from + batch) });
    }
  }
  shuffle(steps, random);
  return steps.slice(0, most);
}

/** How many steps an epoch has, `most` at the most. */
export function countSteps(buckets: readonly Bucket[], most = Infinity): number {
  const steps = buckets.map(({ entries, batch }) => Math.ceil(entries.length / batch));
  return Math.min(
    most,
    steps.reduce((sum, count) => sum + count, 0),
  );
}
