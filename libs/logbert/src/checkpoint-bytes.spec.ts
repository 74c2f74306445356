import { describe, expect, it } from 'vitest';
import { parseCheckpoint, serialiseCheckpoint } from './checkpoint-bytes';
import { CheckpointFailure } from './logbert-failures';
import type { TrainingCheckpoint } from './training-checkpoint';

const fingerprint = { windows: 'abc', architecture: '{}', settings: '{"epochs":3}', seed: 7 };
const CHECKPOINT: TrainingCheckpoint = {
  fingerprint,
  parameters: Float32Array.of(1.5, -0, 3e-42, 4),
  first: Float32Array.of(0.1, 0.2, 0.3, 0.4),
  second: Float32Array.of(5, 6, 7, 8),
  centre: Float32Array.of(9),
  best: { loss: 0.1 + 0.2, epoch: 1, parameters: Float32Array.of(4, 3, 2, 1) },
  history: [
    { epoch: 1, loss: 1 / 3, validationLoss: 0.1 + 0.2, tokensPerSecond: 12.25 },
    { epoch: 2, loss: 0.25, validationLoss: null, tokensPerSecond: 13 },
  ],
};
const reason = async (bytes: Uint8Array, of = fingerprint) =>
  parseCheckpoint(bytes, of).then(
    () => 'none',
    (error: unknown) => (error instanceof CheckpointFailure ? error.reason : error),
  );

describe('a checkpoint as bytes', () => {
  it('comes back to the bit', async () => {
    const bytes = await serialiseCheckpoint(CHECKPOINT);
    const parsed = await parseCheckpoint(bytes, fingerprint);
    expect(parsed).toEqual(CHECKPOINT);
    expect(Object.is(parsed.parameters[1], -0)).toBe(true);
    expect(await serialiseCheckpoint(parsed)).toEqual(bytes);
  });

  it('is read wherever it lies in memory', async () => {
    const bytes = await serialiseCheckpoint(CHECKPOINT);
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(await parseCheckpoint(shifted.subarray(3), fingerprint)).toEqual(CHECKPOINT);
    // A small one lies in memory that it shares with others, and its `slice` is no copy.
    expect(await parseCheckpoint(Buffer.from(shifted).subarray(3), fingerprint)).toEqual(
      CHECKPOINT,
    );
  });

  it('keeps what it was when training goes on at once', async () => {
    const parameters = CHECKPOINT.parameters.slice();
    const writing = serialiseCheckpoint({ ...CHECKPOINT, parameters });
    parameters.fill(0);
    expect(await parseCheckpoint(await writing, fingerprint)).toEqual(CHECKPOINT);
  });

  it.each(['windows', 'architecture', 'settings', 'seed'] as const)(
    'is refused by a training with another part of the fingerprint: %s',
    async (part) => {
      const bytes = await serialiseCheckpoint(CHECKPOINT);
      const other = { ...fingerprint, [part]: part === 'seed' ? 8 : 'other' };
      expect(await reason(bytes, other)).toMatch(/belongs to other/);
    },
  );

  it('is refused when any byte of it has changed', async () => {
    const bytes = await serialiseCheckpoint(CHECKPOINT);
    for (let at = 12; at < bytes.length; at += 5) {
      const damaged = bytes.slice();
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      expect(await reason(damaged)).toMatch(/damaged/);
    }
  });

  it.each([
    ['nothing', () => new Uint8Array(0), /too short/],
    ['its first half', (bytes: Uint8Array) => bytes.slice(0, bytes.length / 2), /damaged/],
    ['a model', (bytes: Uint8Array) => bytes.fill(8, 0, 4), /does not begin/],
    ['another version', (bytes: Uint8Array) => bytes.fill(9, 4, 5), /format is 9.*reads 1/],
  ])('is refused when it is %s', async (_case, change, expected) => {
    expect(await reason(change(await serialiseCheckpoint(CHECKPOINT)))).toMatch(expected);
  });
});
