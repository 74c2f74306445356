import { describe, expect, it } from 'vitest';
import type { Architecture, TrainingSettings } from './architecture';
import { CollectedSamples } from './collected-samples';
import type { SampleSet } from './sample-set';
import { differenceOf, fingerprintOf, type FingerprintedTraining } from './training-fingerprint';

const architecture: Architecture = {
  vocabularySize: 8,
  hidden: 4,
  layers: 1,
  heads: 1,
  feedForward: 8,
  maxLength: 9,
  dropout: 0.1,
};
const settings: TrainingSettings = {
  epochs: 2,
  batchSize: 4,
  learningRate: 0.001,
  weightDecay: 0.01,
  maskRatio: { from: 0.1, to: 0.4 },
  hypersphereWeight: 0.1,
  patience: 2,
  gradientClip: 1,
  warmupShare: 0.1,
};
type Weighted = readonly [tokens: readonly number[], weight: number];

function setOf(...windows: readonly Weighted[]): SampleSet {
  const samples = new CollectedSamples(architecture.vocabularySize);
  for (const [tokens, weight] of windows) samples.add(Int32Array.from(tokens), weight);
  return samples;
}
const fingerprint = (change: Partial<FingerprintedTraining> = {}) =>
  fingerprintOf({
    training: setOf([[4, 5], 1], [[6], 2]),
    validation: setOf([[7], 1]),
    architecture,
    settings,
    seed: 3,
    ...change,
  });

describe('fingerprintOf', () => {
  it('is the same for the same training, in whatever order its sizes are written', async () => {
    const { dropout, ...sizes } = architecture;
    const again = await fingerprint({ architecture: { dropout, ...sizes } });
    expect(again).toEqual(await fingerprint());
    expect(differenceOf(again, await fingerprint())).toBeUndefined();
  });

  it.each([
    ['a token', setOf([[4, 6], 1], [[6], 2])],
    ['a weight', setOf([[4, 5], 1], [[6], 3])],
    ['the order', setOf([[6], 2], [[4, 5], 1])],
    ['where one window ends', setOf([[4], 1], [[5, 6], 2])],
    ['one more', setOf([[4, 5], 1], [[6], 2], [[7], 1])],
    ['none at all', setOf()],
  ])('tells windows apart by %s', async (_case, training) => {
    expect(differenceOf(await fingerprint({ training }), await fingerprint())).toBe('windows');
  });

  it('tells training from validation windows', async () => {
    const [one, other] = [setOf([[4, 5], 1], [[6], 2], [[7], 1]), setOf()];
    expect(
      differenceOf(await fingerprint({ training: one, validation: other }), await fingerprint()),
    ).toBe('windows');
  });

  it('says which sizes, settings or seed are others', async () => {
    const other = await fingerprint({
      architecture: { ...architecture, hidden: 8 },
      settings: { ...settings, maskRatio: { from: 0.1, to: 0.5 } },
      seed: 4,
    });
    expect(differenceOf(other, await fingerprint())).toBe(
      'sizes of the network and settings of training and seed',
    );
  });

  it('hashes windows longer than a piece, and many of them', async () => {
    const long = (last: number) => [...new Array<number>(300_000).fill(4), last];
    const hash = async (last: number) =>
      (await fingerprint({ training: setOf([[5], 1], [long(last), 1], [long(6), 1]) })).windows;
    expect(await hash(4)).toBe(await hash(4));
    expect(await hash(4)).not.toBe(await hash(5));
  });
});
