import { describe, expect, it } from 'vitest';
import { type LaneSettings, PartitionLane } from './partition-lane';

const laneAfter = (earlier: PartitionLane | undefined, change: Partial<LaneSettings> = {}) =>
  new PartitionLane({
    source: 'logs',
    partition: 0,
    epoch: 1,
    batchSize: 10,
    maxWaitingBytes: 1_000,
    handler: () => Promise.resolve(),
    park: () => Promise.resolve(),
    report: () => undefined,
    onRoom: () => undefined,
    goBackTo: () => undefined,
    earlier,
    ...change,
  });

describe('PartitionLane', () => {
  it('begins where the epoch before was to begin, when that was over before its first record', () => {
    const sentBack = laneAfter(undefined, { from: 50 });
    sentBack.end();
    const next = laneAfter(sentBack);
    next.end();
    expect(laneAfter(next).placeToGoBackTo(60)).toBe(50);
  });

  it('asks to go back once: records that are gone for good stay away', () => {
    const lane = laneAfter(undefined, { from: 50 });
    expect(lane.placeToGoBackTo(60)).toBe(50);
    expect(lane.placeToGoBackTo(60)).toBeUndefined();
  });

  it('takes what it is given when nothing is known of the place, or it is not after it', () => {
    expect(laneAfter(undefined).placeToGoBackTo(60)).toBeUndefined();
    expect(laneAfter(undefined, { from: 60 }).placeToGoBackTo(60)).toBeUndefined();
  });
});
