import { describe, expect, it } from 'vitest';
import { planFaults } from './faults';

const COUNTS = {
  kills: 7,
  rebalances: 5,
  brokerRestarts: 2,
  databaseRestarts: 3,
  s3Outages: 1,
} as const;

describe('planFaults', () => {
  it('plans as many of each as asked for', () => {
    const kinds = planFaults(COUNTS, 1).map(({ kind }) => kind);
    const count = (wanted: string) => kinds.filter((kind) => kind === wanted).length;
    expect(count('kill')).toBe(7);
    expect([count('join'), count('leave')]).toEqual([3, 2]);
    expect([count('broker'), count('database'), count('s3')]).toEqual([2, 3, 1]);
  });

  it('has a detector join before one leaves', () => {
    const changes = planFaults(COUNTS, 2)
      .map(({ kind }) => kind)
      .filter((kind) => kind === 'join' || kind === 'leave');
    expect(changes).toEqual(['join', 'leave', 'join', 'leave', 'join']);
  });

  it('is the same for the same seed, and another for another', () => {
    expect(planFaults(COUNTS, 3)).toEqual(planFaults(COUNTS, 3));
    expect(planFaults(COUNTS, 3)).not.toEqual(planFaults(COUNTS, 4));
  });
});
