import {
  buildScoringModel,
  LogBertScorer,
  NonFiniteFailure,
  WindowFailure,
  type Architecture,
  type TrainedLogBert,
  type TrainingCheckpoint,
} from '@logbert/logbert';
import { beforeAll, describe, expect, it } from 'vitest';
import { openGraph } from './open-graph';
import {
  A,
  architecture,
  B,
  C,
  D,
  peak,
  rounds,
  score,
  settings,
  train,
  UNKNOWN,
} from './tiny-training';

describe('unusual vocabularies', () => {
  it('trains on a single key and finds anything else surprising', async () => {
    const trained = await train({
      training: [Int32Array.of(A, A), Int32Array.of(A)],
      validation: [],
      architecture: { ...architecture, vocabularySize: 5 },
    });
    const [known, unknown] = await score(trained, [Int32Array.of(A, A), Int32Array.of(A, UNKNOWN)]);
    expect(peak(known)).toBeLessThan(0.1);
    expect(peak(unknown)).toBeGreaterThan(6.9);
    expect(known?.alternatives.at(0)?.map(({ token }) => token)).toEqual([A, UNKNOWN]);
  });

  it('trains on 10,000 keys', async () => {
    const windows = Array.from({ length: 400 }, (_, i) =>
      Int32Array.from({ length: 15 }, (_unused, j) => 4 + ((i * 25 + j) % 10_000)),
    );
    const trained = await train({
      training: windows,
      validation: [],
      architecture: { ...architecture, vocabularySize: 10_004 },
      settings: { ...settings, epochs: 3, batchSize: 64 },
    });
    const losses = trained.history.map(({ loss }) => loss);
    expect(losses.at(-1)).toBeLessThan(losses[0] ?? 0);
    const [result] = await score(trained, windows.slice(0, 1));
    expect(result?.surprise.every(Number.isFinite)).toBe(true);
  });
});

describe('unusual windows', () => {
  it('trains on windows of one line each, and scores such windows by how common their keys are', async () => {
    const windows = Array.from({ length: 100 }, (_, i) => Int32Array.of(i % 10 === 0 ? B : A));
    const trained = await train({ training: windows, validation: windows.slice(0, 10) });
    expect(trained.history.every(({ loss }) => Number.isFinite(loss))).toBe(true);
    const results = await score(
      trained,
      [A, B, C, UNKNOWN].map((key) => Int32Array.of(key)),
    );
    const surprises = results.map(peak);
    expect(surprises).toEqual([...surprises].sort((left, right) => left - right));
    expect(surprises[0]).toBeLessThan(0.5);
    expect(surprises[1]).toBeCloseTo(-Math.log(0.1), 0);
    expect(surprises[3]).toBeGreaterThan(6.9);
  });

  it('learns windows that are all alike, and finds any other surprising', async () => {
    const same = Array.from({ length: 500 }, () => Int32Array.of(A, B, C, D));
    const trained = await train({ training: same, validation: same.slice(0, 50) });
    expect(trained.history.at(-1)?.validationLoss).toBeLessThan(0.1);
    const [usual, swapped, foreign] = await score(trained, [
      Int32Array.of(A, B, C, D),
      Int32Array.of(B, A, C, D),
      Int32Array.of(A, B, UNKNOWN, D),
    ]);
    expect(peak(usual)).toBeLessThan(0.5);
    expect(peak(swapped)).toBeGreaterThan(2);
    expect(peak(foreign)).toBeGreaterThan(6.9);
    expect(usual?.distance).toBeLessThan(swapped?.distance ?? 0);
  });

  it('takes windows from a source that gives each only once', async () => {
    function* once() {
      const window = new Int32Array(4);
      for (const round of rounds.slice(8)) {
        window.set(round.subarray(0, 4));
        yield window;
      }
    }
    const listed = await train({
      training: rounds.slice(8).map((round) => round.slice(0, 4)),
      validation: [],
    });
    const streamed = await train({ training: once(), validation: [] });
    expect(streamed.parameters).toEqual(listed.parameters);
  });

  it('refuses a weight that is no number of times', async () => {
    const refused = train({ training: [Int32Array.of(A)], weights: [NaN] });
    await expect(refused).rejects.toThrow(WindowFailure);
  });

  it('masks a drawn share of each window when the ratio has two ends', async () => {
    const drawn = { ...settings, maskRatio: { from: 0.1, to: 0.6 } };
    const [first, again] = [await train({ settings: drawn }), await train({ settings: drawn })];
    expect(first.history.at(-1)?.validationLoss).toBeLessThan(0.1);
    expect(again.parameters).toEqual(first.parameters);
    const [right, wrong] = await score(first, [
      Int32Array.of(A, B, C, D),
      Int32Array.of(A, C, B, D),
    ]);
    expect(peak(right)).toBeLessThan(0.5);
    expect(peak(wrong)).toBeGreaterThan(3);
  });
});

describe('a training that goes wrong after some epochs', () => {
  const checkpoints: TrainingCheckpoint[] = [];
  let trained: TrainedLogBert;

  beforeAll(async () => {
    trained = await train({ onCheckpoint: (one) => void checkpoints.push(one) });
  });

  it('says at which step, and gives back the best epoch', async () => {
    const third = checkpoints[2];
    const failure = await train({
      // As if it had always been trained this fast.
      ...(third ? { resume: (fingerprint) => ({ ...third, fingerprint }) } : {}),
      settings: { ...settings, learningRate: 1e30 },
    }).catch((reason: unknown) => reason);
    expect(failure).toBeInstanceOf(NonFiniteFailure);
    if (!(failure instanceof NonFiniteFailure)) return;
    const stepsPerEpoch = 24;
    expect(failure.step).toBeGreaterThan(3 * stepsPerEpoch);
    expect(failure.message).toContain(`of training step ${failure.step} is not a finite number`);
    const kept = [...(failure.lastGood?.parameters.values() ?? [])].flatMap(({ data }) => [
      ...data,
    ]);
    expect(kept).toEqual([...(third?.best.parameters ?? [])]);
    expect(failure.lastGood?.history).toHaveLength(3);
    const [right] = await score(failure.lastGood ?? trained, [Int32Array.of(A, B, C, D)]);
    expect(Number.isFinite(peak(right))).toBe(true);
  });

  it('resumes from every checkpoint to the same loss curve', async () => {
    const curve = ({ history }: TrainedLogBert) =>
      history.map(({ loss, validationLoss }) => [loss, validationLoss]);
    for (const checkpoint of checkpoints.slice(0, -1)) {
      const resumed = await train({ resume: () => structuredClone(checkpoint) });
      expect(curve(resumed)).toEqual(curve(trained));
    }
  });

  it("measures the hypersphere's centre anew after each epoch", () => {
    const centres = checkpoints.map(({ centre }) => centre.join());
    expect(new Set(centres).size).toBe(checkpoints.length);
  });
});

describe('a model whose graph is not what its description says', () => {
  const open = (trained: TrainedLogBert) =>
    LogBertScorer.open(buildScoringModel(trained, { precision: 'fp32' }), openGraph, {
      passes: 4,
      alternatives: 3,
    });

  it.each([
    ['vocabulary', { vocabularySize: 9 }, 'tokens is [8, 32], but its description says [9, 32]'],
    [
      'longest window',
      { maxLength: 20 },
      'positions is [16, 32], but its description says [20, 32]',
    ],
  ])('is refused for its %s', async (_what, change: Partial<Architecture>, message) => {
    const trained = await train({ settings: { ...settings, epochs: 1 } });
    const refused = open({ ...trained, architecture: { ...architecture, ...change } });
    await expect(refused).rejects.toMatchObject({ code: 'logbert/model' });
    await expect(refused).rejects.toThrow(message);
  });
});
