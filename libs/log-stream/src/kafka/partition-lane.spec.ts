import { describe, expect, it } from 'vitest';
import type { RawRecord, RecordBatch } from '../log-stream';
import { StreamNameFailure } from '../log-stream-failures';
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

const recordAt = (offset: number): RawRecord => ({
  stream: 'shop',
  source: 'logs',
  partition: 0,
  offset,
  key: undefined,
  headers: {},
  value: new Uint8Array(1),
  receivedAtMs: 1,
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

  it('hands over more at once while far more are still to come', async () => {
    const sizes: number[] = [];
    const lane = laneAfter(undefined, {
      backlogBatchSize: 30,
      handler: ({ records }) => {
        sizes.push(records.length);
        return Promise.resolve();
      },
    });
    const records = Array.from({ length: 100 }, (_, offset) => recordAt(offset));
    lane.push(records, { firstOffset: 0, nextOffset: 100, highWatermark: 100 });
    await lane.finished;
    expect(sizes).toEqual([30, 30, 10, 10, 10, 10]);
  });

  it('counts marks of transactions as part of the batch before them, and as dealt with when that is', async () => {
    const batches: RecordBatch[] = [];
    const lane = laneAfter(undefined, {
      handler: async (batch) => {
        batches.push(batch);
        batch.release(batch.nextOffset);
      },
    });
    lane.push([recordAt(5), recordAt(7)], { firstOffset: 4, nextOffset: 9, highWatermark: 11 });
    await lane.finished;
    expect(batches[0]).toMatchObject({ firstOffset: 4, nextOffset: 9 });
    lane.pass({ firstOffset: 9, nextOffset: 11, highWatermark: 11 });
    expect(lane.toCommit).toBe(11);
    lane.push([recordAt(11)], { firstOffset: 11, nextOffset: 12, highWatermark: 12 });
    await lane.finished;
    expect(batches[1]).toMatchObject({ firstOffset: 11, nextOffset: 12 });
  });

  it('makes room for what comes next before a batch is worked on, not after', async () => {
    let rooms = 0;
    let finish: () => void = () => undefined;
    const work = new Promise<void>((resolve) => (finish = resolve));
    const lane = laneAfter(undefined, {
      maxWaitingBytes: 4,
      onRoom: () => rooms++,
      handler: () => work,
    });
    const records = [0, 1, 2, 3, 4, 5].map(recordAt);
    lane.push(records, { firstOffset: 0, nextOffset: 6, highWatermark: 100 });
    expect(lane.isFull).toBe(true);
    await expect.poll(() => rooms).toBe(1);
    finish();
    await lane.finished;
    expect(rooms).toBe(1);
  });

  it('is not past marks while what came before them is not dealt with', async () => {
    const lane = laneAfter(undefined);
    lane.push([recordAt(5)], { firstOffset: 5, nextOffset: 6, highWatermark: 8 });
    await lane.finished;
    lane.pass({ firstOffset: 6, nextOffset: 8, highWatermark: 8 });
    expect(lane.toCommit).toBeUndefined();
  });

  it('commits past parked records between which marks lie', async () => {
    const parked: number[] = [];
    const lane = laneAfter(undefined, {
      handler: () => Promise.reject(new StreamNameFailure('x')),
      park: async (_record, _reason, nextOffset) => void parked.push(nextOffset),
    });
    lane.push([recordAt(5), recordAt(7)], { firstOffset: 4, nextOffset: 9, highWatermark: 9 });
    await lane.finished;
    expect(parked).toEqual([7, 9]);
    expect(lane.toCommit).toBe(9);
  });

  it('takes what it is given when nothing is known of the place, or it is not after it', () => {
    expect(laneAfter(undefined).placeToGoBackTo(60)).toBeUndefined();
    expect(laneAfter(undefined, { from: 60 }).placeToGoBackTo(60)).toBeUndefined();
  });
});
