import type { Bucket } from './length-buckets';
import { shuffle } from './seeded-random';
import type { Sample } from './training-samples';

/** One training step: which bucket's graph, and its windows. */
export interface Step {
  readonly bucket: number;
  readonly samples: readonly Sample[];
}

/** The steps of one epoch: every window once, windows and steps in random order. */
export function scheduleEpoch(buckets: readonly Bucket[], random: () => number): readonly Step[] {
  const steps: Step[] = [];
  for (const [bucket, { samples, batch }] of buckets.entries()) {
    const order = [...samples];
    shuffle(order, random);
    for (let from = 0; from < order.length; from += batch) {
      steps.push({ bucket, samples: order.slice(from, from + batch) });
    }
  }
  shuffle(steps, random);
  return steps;
}

/** How many steps an epoch has. */
export function countSteps(buckets: readonly Bucket[]): number {
  return buckets.reduce((sum, { samples, batch }) => sum + Math.ceil(samples.length / batch), 0);
}
