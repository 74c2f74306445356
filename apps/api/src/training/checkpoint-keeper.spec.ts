import {
  ArtifactMissingFailure,
  ArtifactStoreUnavailableFailure,
  type ArtifactStore,
  TrainingCheckpoints,
} from '@logbert/artifact-store';
import type { TrainingCheckpoint } from '@logbert/logbert';
import { describe, expect, it } from 'vitest';
import { CheckpointKeeper } from './checkpoint-keeper';

const fingerprint = { windows: 'w', architecture: 'a', settings: 's', seed: 1 };

function checkpointOf(epoch: number): TrainingCheckpoint {
  const vector = () => Float32Array.of(epoch, 2);
  return {
    fingerprint,
    parameters: vector(),
    first: vector(),
    second: vector(),
    centre: vector(),
    best: { loss: 1, epoch, parameters: vector() },
    history: Array.from({ length: epoch }, (_, index) => ({
      epoch: index + 1,
      loss: 1,
      validationLoss: null,
      tokensPerSecond: 1,
    })),
  };
}

/** A store in memory whose writes wait to be let go, and fail while it is away. */
class SlowStore implements ArtifactStore {
  readonly kept = new Map<string, Uint8Array>();
  readonly waiting: (() => void)[] = [];
  isAway = false;
  isSlow = false;
  /** So many readings fail. */
  failures = 0;

  async put(key: string, bytes: Uint8Array): Promise<void> {
    if (this.isSlow) await new Promise<void>((resolve) => this.waiting.push(resolve));
    if (this.isAway) throw new Error('S3 is away');
    this.kept.set(key, bytes);
  }

  async get(key: string): Promise<Uint8Array> {
    if (this.isAway) throw new Error('S3 is away');
    if (this.failures-- > 0) throw new ArtifactStoreUnavailableFailure('get', 'no route');
    const bytes = this.kept.get(key);
    if (!bytes) throw new ArtifactMissingFailure(key);
    return bytes;
  }

  list = async () => [...this.kept.keys()];
  remove = async () => this.kept.clear();
  isHealthy = async () => !this.isAway;
}

function keeperOf(store = new SlowStore()) {
  const notices: string[] = [];
  const tell = (text: string) => void notices.push(text);
  const checkpoints = new TrainingCheckpoints(store);
  return {
    store,
    notices,
    keeper: new CheckpointKeeper(checkpoints, 'job', tell),
    patience: { signal: new AbortController().signal, tell, firstPauseMs: 1, patienceMs: 10 },
  };
}

describe('CheckpointKeeper', () => {
  it('gives back the newest', async () => {
    const { keeper, patience } = keeperOf();
    keeper.keep(checkpointOf(1));
    keeper.keep(checkpointOf(2));
    await keeper.settled();
    expect(await keeper.find(fingerprint, patience)).toEqual({ checkpoint: checkpointOf(2) });
  });

  it('writes one at a time, and of those that came meanwhile the newest', async () => {
    const { keeper, store, patience } = keeperOf();
    store.isSlow = true;
    keeper.keep(checkpointOf(1));
    await expect.poll(() => store.waiting.length).toBe(1);
    for (const epoch of [2, 3, 4]) keeper.keep(checkpointOf(epoch));
    store.isSlow = false;
    store.waiting[0]?.();
    await keeper.settled();
    expect(store.waiting).toHaveLength(1);
    const { checkpoint } = await keeper.find(fingerprint, patience);
    expect(checkpoint?.history).toHaveLength(4);
  });

  it('tells once that the store is away, and once that it is back', async () => {
    const { keeper, store, notices } = keeperOf();
    for (const [epoch, isAway] of [true, true, false, false, true].entries()) {
      store.isAway = isAway;
      keeper.keep(checkpointOf(epoch + 1));
      await keeper.settled();
    }
    expect(notices).toEqual([
      'the checkpoint of epoch 1 was not kept, training goes on: S3 is away',
      'checkpoints are kept again',
      'the checkpoint of epoch 5 was not kept, training goes on: S3 is away',
    ]);
  });

  it('gives the reason when there is nothing to go on from', async () => {
    const { keeper, store, patience } = keeperOf();
    expect(await keeper.find(fingerprint, patience)).toEqual({ refusal: 'no checkpoint was kept' });
    keeper.keep(checkpointOf(1));
    await keeper.settled();
    expect(await keeper.find({ ...fingerprint, windows: 'other' }, patience)).toEqual({
      refusal: 'the checkpoint does not fit: it belongs to other windows',
    });
    store.isAway = true;
    expect(await keeper.find(fingerprint, patience)).toEqual({
      refusal: 'the checkpoint could not be read: S3 is away',
    });
  });

  it('waits for a store that is away rather than to begin anew', async () => {
    const { keeper, store, notices, patience } = keeperOf();
    keeper.keep(checkpointOf(1));
    await keeper.settled();
    store.failures = 3;
    expect(await keeper.find(fingerprint, patience)).toEqual({ checkpoint: checkpointOf(1) });
    expect(notices).toHaveLength(2);
    store.failures = 99;
    expect(await keeper.find(fingerprint, patience)).toEqual({
      refusal: expect.stringContaining('could not be read'),
    });
  });
});
