import type { RecordBatch } from '@logbert/log-stream';
import { Failure } from '@logbert/failure';
import { describe, expect, it } from 'vitest';
import { Checkpoints } from './checkpoints';
import { ThreadLosses } from './thread-losses';

type Parts = ConstructorParameters<typeof Checkpoints>;

class Lost extends Failure {
  readonly code = 'test/lost';
  readonly retriable = true;
}

interface Row {
  readonly nextOffset: number;
  readonly lowWatermark: number;
  readonly state: Uint8Array | null;
  readonly savedAt?: number;
}

/** Checkpoints between a table with one row and detectors that take over what they are given, or do not. */
function checkpointsWith(kept: Row | undefined, refusal?: string) {
  let row = kept && { savedAt: 1_000, streams: [], source: 's', partition: 0, ...kept };
  const resumed: (number | undefined)[] = [];
  const repositories = {
    partitionOwners: { takeOver: () => Promise.resolve() },
    detectorStates: {
      find: () => Promise.resolve(row),
      save: (next: NonNullable<typeof row>, nowMs: number) => {
        row = { ...next, savedAt: nowMs };
        return Promise.resolve(true);
      },
      remove: () => Promise.resolve((row = undefined)),
    },
    templateCounts: {
      positions: () => Promise.resolve(new Map()),
      forgetPositions: () => Promise.resolve(),
    },
  };
  const detectors = {
    resume: (_place: unknown, _counted: unknown, given?: { nextOffset: number }) => {
      resumed.push(given?.nextOffset);
      return Promise.resolve({ refusal: given && refusal, judgedAnew: [] });
    },
    snapshot: () =>
      Promise.resolve({ nextOffset: 60, lowWatermark: 55, streams: [], state: new Uint8Array(1) }),
  };
  const losses = new ThreadLosses();
  const stream = { identity: 'spool:x' };
  const parts: unknown[] = [{ repositories }, stream, { checkpointMs: 0 }, detectors, losses];
  const checkpoints = Reflect.construct(Checkpoints, parts as Parts);
  return { checkpoints, losses, resumed, row: () => row };
}

function batchAt(offset: number, change: { epoch?: number; receivedAtMs?: number } = {}) {
  const wentBackTo: number[] = [];
  const released: number[] = [];
  const { epoch = 1, receivedAtMs = 500 } = change;
  const record = {
    stream: 'shop',
    source: 'logs',
    partition: 0,
    offset,
    key: undefined,
    headers: {},
    value: new Uint8Array(0),
    receivedAtMs,
  };
  const batch: RecordBatch = {
    source: 'logs',
    partition: 0,
    epoch,
    records: [record],
    firstOffset: offset,
    nextOffset: offset + 1,
    highWatermark: 100,
    signal: new AbortController().signal,
    release: (nextOffset) => released.push(nextOffset),
    goBackTo: (place) => wentBackTo.push(place),
  };
  return { batch, wentBackTo, released };
}

const KEPT = { nextOffset: 50, lowWatermark: 20, state: new Uint8Array(1) };

describe('Checkpoints', () => {
  it('has the detectors go on from what was kept, once an epoch', async () => {
    const { checkpoints, resumed } = checkpointsWith(KEPT);
    expect(await checkpoints.resume(batchAt(40).batch)).toBe(true);
    expect(await checkpoints.resume(batchAt(41).batch)).toBe(true);
    expect(await checkpoints.resume(batchAt(40, { epoch: 2 }).batch)).toBe(true);
    expect(resumed).toEqual([50, 50]);
  });

  it('lets go of a position when the state at it is kept, and not without it', async () => {
    const { checkpoints, row } = checkpointsWith(undefined);
    const { batch, released, wentBackTo } = batchAt(40);
    await checkpoints.resume(batch);
    const lost = await checkpoints.tracked(batch, () => Promise.resolve('found'));
    const failing = lost?.write(() => Promise.reject(new Lost('away')));
    await expect(failing).rejects.toThrow(Lost);
    // Delivered again even if no batch follows.
    expect(wentBackTo).toEqual([40]);
    await checkpoints.finish([batch]);
    expect([released, row()]).toEqual([[], undefined]);

    // After its only record lie marks of transactions.
    const other = batchAt(40, { epoch: 2 });
    await checkpoints.resume(other.batch);
    const found = await checkpoints.tracked(other.batch, () => Promise.resolve('found'));
    await found?.write(() => Promise.resolve());
    await checkpoints.finish([other.batch]);
    // The last record comes again, so that its windows are not forgotten.
    expect(other.released).toEqual([40]);
    expect(row()).toMatchObject({ source: 'spool:x/logs', partition: 0, nextOffset: 60 });
  });

  it('keeps nothing that the detectors know more than was written', async () => {
    const { checkpoints, row } = checkpointsWith(undefined);
    const { batch, released } = batchAt(40);
    await checkpoints.resume(batch);
    const first = await checkpoints.tracked(batch, () => Promise.resolve('found'));
    const second = await checkpoints.tracked(batch, () => Promise.resolve('more'));
    await first?.write(() => Promise.resolve());
    const finished = checkpoints.finish([batch]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([released, row()]).toEqual([[], undefined]);
    await second?.write(() => Promise.resolve());
    await finished;
    expect([new Set(released), row()?.nextOffset]).toEqual([new Set([40]), 60]);
  });

  it('keeps nothing of what follows something that could not be written', async () => {
    const { checkpoints, row } = checkpointsWith(undefined);
    const { batch, released } = batchAt(40);
    await checkpoints.resume(batch);
    const [first, second] = [
      await checkpoints.tracked(batch, () => Promise.resolve('found')),
      await checkpoints.tracked(batch, () => Promise.resolve('more')),
    ];
    await expect(first?.write(() => Promise.reject(new Lost('away')))).rejects.toThrow(Lost);
    await second?.write(() => Promise.resolve());
    await checkpoints.finish([batch]);
    expect([released, row()]).toEqual([[], undefined]);
  });

  it('goes back to the oldest open window when the state cannot be used, but only once', async () => {
    const { checkpoints, row } = checkpointsWith(KEPT, 'of another version');
    const first = batchAt(50);
    expect(await checkpoints.resume(first.batch)).toBe(false);
    expect(first.wentBackTo).toEqual([20]);
    expect(row()).toMatchObject({ nextOffset: 50, lowWatermark: 20, state: null });
    // What lies before is gone for good.
    const second = batchAt(30, { epoch: 2 });
    expect(await checkpoints.resume(second.batch)).toBe(true);
    expect(second.wentBackTo).toEqual([]);
  });

  it('does so for a state that was too large to keep', async () => {
    const { checkpoints } = checkpointsWith({ ...KEPT, state: null });
    const { batch, wentBackTo } = batchAt(50);
    expect(await checkpoints.resume(batch)).toBe(false);
    expect(wentBackTo).toEqual([20]);
  });

  it.each([
    ['ends before the kept position', { ...KEPT, nextOffset: 200 }, batchAt(0)],
    ['is younger than what was kept of it', KEPT, batchAt(0, { receivedAtMs: 70_000 })],
  ])('drops what was kept of a partition that %s', async (_case, kept, { batch, wentBackTo }) => {
    const { checkpoints, resumed, row } = checkpointsWith(kept);
    expect(await checkpoints.resume(batch)).toBe(true);
    expect([resumed, wentBackTo, row()]).toEqual([[undefined], [], undefined]);
  });

  it('goes back to the checkpoint when it is delivered from after it, every time that this helps', async () => {
    const { checkpoints, resumed } = checkpointsWith(KEPT);
    for (const epoch of [1, 3]) {
      const later = batchAt(60, { epoch });
      expect(await checkpoints.resume(later.batch)).toBe(false);
      expect(later.wentBackTo).toEqual([50]);
      expect(await checkpoints.resume(batchAt(50, { epoch: epoch + 1 }).batch)).toBe(true);
    }
    expect(resumed).toEqual([50, 50]);
  });

  it('goes on with what there is when records after the checkpoint are gone for good', async () => {
    const { checkpoints } = checkpointsWith(KEPT);
    expect(await checkpoints.resume(batchAt(60).batch)).toBe(false);
    const second = batchAt(60, { epoch: 2 });
    expect(await checkpoints.resume(second.batch)).toBe(true);
    expect(second.wentBackTo).toEqual([]);
  });

  it('goes back to the checkpoint when the thread with the windows is lost', async () => {
    const { checkpoints, losses } = checkpointsWith(KEPT);
    const before = batchAt(50);
    await checkpoints.resume(before.batch);
    losses.tell(new Lost('gone'), (partition) => partition === 0);
    expect(before.wentBackTo).toEqual([50]);
    const after = batchAt(90);
    expect(await checkpoints.resume(after.batch)).toBe(false);
    expect(after.wentBackTo).toEqual([50]);
    expect(await checkpoints.resume(batchAt(50, { epoch: 2 }).batch)).toBe(true);
  });

  it('has a record of a silent partition delivered again when the thread with its windows is lost', async () => {
    const { checkpoints, losses } = checkpointsWith(KEPT);
    const [first, last] = [batchAt(50), batchAt(59)];
    await checkpoints.resume(first.batch);
    await checkpoints.resume(last.batch);
    const tracked = await checkpoints.tracked(last.batch, () => Promise.resolve('found'));
    await tracked?.write(() => Promise.resolve());
    checkpoints.keepIfDue(last.batch);
    await checkpoints.finish([last.batch]);
    losses.tell(new Lost('gone'), () => true);
    expect(first.wentBackTo).toEqual([]);
    // All up to 60 is kept; of nothing at all the next owner would not hear.
    expect(last.wentBackTo).toEqual([59]);
  });

  it('keeps the checkpoint of a partition that it sent back, whatever the clock of its producers says', async () => {
    const { checkpoints, losses, resumed, row } = checkpointsWith(KEPT);
    await checkpoints.resume(batchAt(49).batch);
    losses.tell(new Lost('gone'), () => true);
    const ahead = { epoch: 2, receivedAtMs: 1e9 };
    expect(await checkpoints.resume(batchAt(49, ahead).batch)).toBe(true);
    expect(row()?.nextOffset).toBe(50);
    expect(resumed).toEqual([50, 50]);
  });

  it('survives a source that cannot go back at that moment', async () => {
    const { checkpoints, losses } = checkpointsWith(KEPT);
    const { batch } = batchAt(50);
    const goBackTo = () => {
      throw new Lost('no consumer');
    };
    await checkpoints.resume({ ...batch, goBackTo });
    losses.tell(new Lost('gone'), () => true);
    expect(checkpoints.isUnderWay(batch)).toBe(false);
  });

  it('leaves the partitions of other threads alone', async () => {
    const { checkpoints, losses } = checkpointsWith(KEPT);
    const { batch, wentBackTo } = batchAt(50);
    await checkpoints.resume(batch);
    losses.tell(new Lost('gone'), (partition) => partition === 1);
    expect(wentBackTo).toEqual([]);
    expect(checkpoints.isUnderWay(batch)).toBe(true);
  });

  it('goes back to where the epoch began when there is no checkpoint yet', async () => {
    const { checkpoints, losses } = checkpointsWith(undefined);
    await checkpoints.resume(batchAt(7).batch);
    losses.tell(new Lost('gone'), () => true);
    const after = batchAt(90);
    expect(await checkpoints.resume(after.batch)).toBe(false);
    expect(after.wentBackTo).toEqual([7]);
  });
});
