import {
  ArchitectureFailure,
  buildScoringModel,
  LogBertScorer,
  NonFiniteFailure,
  parseCheckpoint,
  serialiseCheckpoint,
  WindowFailure,
  type LogBertProgress,
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

describe('trainLogBert', () => {
  const progress: LogBertProgress[] = [];
  const checkpoints: TrainingCheckpoint[] = [];
  let trained: TrainedLogBert;

  beforeAll(async () => {
    trained = await train({
      onProgress: (report) => progress.push(report),
      onCheckpoint: (checkpoint) => void checkpoints.push(checkpoint),
    });
  });

  it('learns: the loss falls', () => {
    const [first, last] = [trained.history[0], trained.history.at(-1)];
    expect(last?.loss).toBeLessThan((first?.loss ?? 0) / 4);
    expect(last?.validationLoss).toBeLessThan(0.1);
  });

  it('learns a small set by heart', async () => {
    const random = [...'31415926535897932384626'].map((digit) => A + (Number(digit) % 4));
    const windows = [0, 7, 14].map((from) => Int32Array.from(random.slice(from, from + 8)));
    const overfit = await train({
      training: windows,
      validation: [],
      architecture: { ...architecture, dropout: 0 },
      settings: { ...settings, epochs: 12 },
    });
    expect(overfit.history.at(-1)?.loss).toBeLessThan(0.05);
    expect(overfit.history.at(-1)?.validationLoss).toBeNull();
  });

  it('gives the same bits for the same seed, and others for another', async () => {
    const [again, other] = [await train(), await train({ random: () => 0.25 })];
    const losses = ({ history }: TrainedLogBert) => history.map(({ loss }) => loss);
    expect(losses(again)).toEqual(losses(trained));
    expect(again.parameters).toEqual(trained.parameters);
    expect(again.centre).toEqual(trained.centre);
    expect(losses(other)).not.toEqual(losses(trained));
  });

  it('resumes from a checkpoint to the same bits', async () => {
    const third = checkpoints[2];
    if (!third) throw new RangeError('there are six checkpoints');
    expect(third.history).toHaveLength(3);
    const bytes = await serialiseCheckpoint(third);
    const resumed = await train({ resume: (fingerprint) => parseCheckpoint(bytes, fingerprint) });
    const losses = ({ history }: TrainedLogBert) =>
      history.map(({ loss, validationLoss }) => [loss, validationLoss]);
    expect(losses(resumed)).toEqual(losses(trained));
    expect(resumed.parameters).toEqual(trained.parameters);
  });

  it('refuses a checkpoint of other windows', async () => {
    const [first] = checkpoints;
    const others = train({ training: rounds.slice(9), resume: () => first });
    await expect(others).rejects.toThrow(/belongs to other windows/);
  });

  it('has nothing left to train on from the last checkpoint', async () => {
    const steps: number[] = [];
    const resumed = await train({
      resume: () => checkpoints.at(-1),
      onProgress: ({ step }) => steps.push(step),
    });
    expect(steps).toEqual([]);
    expect(resumed.parameters).toEqual(trained.parameters);
    expect(resumed.centre).toEqual(trained.centre);
  });

  it('says how far it is; an epoch is complete only with its losses', () => {
    const complete = progress.filter(({ step, steps }) => step === steps);
    expect(complete.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(complete.map(({ loss, validationLoss }) => [loss, validationLoss])).toEqual(
      trained.history.map(({ loss, validationLoss }) => [loss, validationLoss]),
    );
    expect(progress.at(-1)?.etaSeconds).toBe(0);
  });

  it('stops when the validation loss no longer falls, and keeps the best epoch', async () => {
    const stopped = await train({
      validation: [Int32Array.of(D, C, B, A)],
      settings: { ...settings, epochs: 30, patience: 2 },
    });
    const losses = stopped.history.map(({ validationLoss }) => validationLoss ?? NaN);
    expect(losses.length).toBeLessThan(30);
    expect(losses.indexOf(Math.min(...losses))).toBe(losses.length - 3);
  });

  it('counts a weight as that many windows', async () => {
    const [first, second] = [Int32Array.of(A, B), Int32Array.of(A, C)];
    const oneEpoch = { ...settings, epochs: 2 };
    const joined = await train({
      training: [first, second],
      weights: [9, 1],
      validation: [],
      settings: oneEpoch,
    });
    const written = await train({
      training: [...new Array<Int32Array>(9).fill(first), second],
      validation: [],
      settings: oneEpoch,
    });
    expect(joined.parameters).toEqual(written.parameters);
  });

  it('stops between two steps when it is told to', async () => {
    const controller = new AbortController();
    const stopped = train({
      onProgress: () => controller.abort(new Error('cancelled')),
      signal: controller.signal,
    });
    await expect(stopped).rejects.toThrow('cancelled');
  });

  it('names the step whose loss is not finite and keeps the parameters before it', async () => {
    const diverged = await train({ settings: { ...settings, learningRate: 1e30 } }).catch(
      (failure: unknown) => failure,
    );
    expect(diverged).toBeInstanceOf(NonFiniteFailure);
    if (!(diverged instanceof NonFiniteFailure)) return;
    expect(diverged.message).toMatch(/of training step \d+ is not a finite number/);
    const values = [...(diverged.lastGood?.parameters.values() ?? [])].flatMap(({ data }) => [
      ...data,
    ]);
    expect(values.length).toBeGreaterThan(0);
    expect(values.every(Number.isFinite)).toBe(true);
  });

  it('refuses what cannot be trained', async () => {
    await expect(train({ training: [] })).rejects.toThrow(WindowFailure);
    await expect(train({ training: [Int32Array.of(99)] })).rejects.toThrow(WindowFailure);
    const odd = { ...architecture, hidden: 33 };
    await expect(train({ architecture: odd })).rejects.toThrow(ArchitectureFailure);
  });
});

describe('LogBertScorer', () => {
  let trained: TrainedLogBert;

  beforeAll(async () => {
    trained = await train();
  });

  it('finds lines in the wrong order surprising although their counts are right', async () => {
    const [right, wrong] = await score(trained, [
      Int32Array.of(A, B, C, D),
      Int32Array.of(A, C, B, D),
    ]);
    expect(peak(right)).toBeLessThan(0.5);
    expect(peak(wrong)).toBeGreaterThan(3);
  });

  it('says what was expected instead', async () => {
    const [result] = await score(trained, [Int32Array.of(A, B, A, D)]);
    const [best] = result?.alternatives.at(2) ?? [];
    expect(best?.token).toBe(C);
    expect(best?.probability).toBeGreaterThan(0.5);
    expect(result?.alternatives.at(2)).toHaveLength(3);
    const observed = result?.surprise[2] ?? NaN;
    expect(Math.exp(-observed)).toBeLessThan(best?.probability ?? 0);
  });

  it('gives a window the same score alone, in company and in any batch', async () => {
    const alone = await score(trained, [rounds[1] ?? new Int32Array()]);
    for (const batchSize of [1, 7, 64]) {
      const [, together] = await score(trained, rounds.slice(0, 20), { batchSize });
      for (const [position, surprise] of together?.surprise.entries() ?? []) {
        expect(surprise).toBeCloseTo(alone[0]?.surprise[position] ?? NaN, 4);
      }
      expect(together?.distance).toBeCloseTo(alone[0]?.distance ?? NaN, 4);
    }
  });

  it('finds an unknown line surprising, wherever it stands', async () => {
    const results = await score(trained, [
      Int32Array.of(UNKNOWN),
      Int32Array.of(A, UNKNOWN, C, D),
      new Int32Array(12).fill(UNKNOWN),
    ]);
    for (const result of results) expect(peak(result)).toBeGreaterThan(6.9);
    expect(Math.min(...(results[2]?.surprise ?? []))).toBeGreaterThan(6.9);
  });

  it('lets unknown lines be normal where training had them', async () => {
    const withUnknown = rounds.map((window) =>
      window.map((token) => (token === B ? UNKNOWN : token)),
    );
    const tolerant = await train({ training: withUnknown, validation: [] });
    const [result] = await score(tolerant, [Int32Array.of(A, UNKNOWN, C, D)]);
    expect(peak(result)).toBeLessThan(0.5);
  });

  it('scores a window of one line by masking that line alone', async () => {
    const [result] = await score(trained, [Int32Array.of(A)]);
    expect(result?.surprise).toHaveLength(1);
    expect(Number.isFinite(result?.surprise[0])).toBe(true);
    expect(Number.isFinite(result?.distance)).toBe(true);
  });

  it('scores a window that is too long in pieces', async () => {
    const long = Int32Array.from({ length: 100 }, (_, i) => A + (i % 4));
    const [result] = await score(trained, [long]);
    expect(result?.surprise).toHaveLength(100);
    expect(result?.surprise.every(Number.isFinite)).toBe(true);
    expect(result?.alternatives.at(result.alternatives.length - 1)).toHaveLength(3);
  });

  it('gives no scores for no windows', async () => {
    expect(await score(trained, [])).toEqual([]);
  });

  it('refuses an empty window and a token that it does not know', async () => {
    await expect(score(trained, [new Int32Array()])).rejects.toThrow(WindowFailure);
    await expect(score(trained, [Int32Array.of(8)])).rejects.toThrow(WindowFailure);
  });

  it('stays close to itself with weights of 8 bits, in a third of the size', async () => {
    const windows = [...rounds.slice(0, 3), Int32Array.of(A, C, B, D)];
    const [exact, quantised] = [
      await score(trained, windows),
      await score(trained, windows, { precision: 'int8' }),
    ];
    for (const [index, result] of quantised.entries()) {
      expect(peak(result)).toBeCloseTo(peak(exact[index]), 0);
    }
  });

  it('refuses a model that is damaged or made by somebody else', async () => {
    const options = { passes: 4, alternatives: 3 };
    const open = (bytes: Uint8Array) => LogBertScorer.open(bytes, openGraph, options);
    await expect(open(Uint8Array.of(8, 10))).rejects.toMatchObject({ code: 'logbert/model' });
    await expect(open(Uint8Array.of(1, 2, 3))).rejects.toMatchObject({ code: 'logbert/model' });
    const model = buildScoringModel(trained, { precision: 'fp32' });
    await expect(open(model.slice(0, model.length / 2))).rejects.toMatchObject({
      retriable: false,
    });
  });

  it('says so when a weight is not a number', async () => {
    const parameters = new Map(trained.parameters);
    const offset = parameters.get('output.offset');
    parameters.set('output.offset', {
      dims: offset?.dims ?? [],
      data: new Float32Array(5).fill(NaN),
    });
    await expect(score({ ...trained, parameters }, [Int32Array.of(A)])).rejects.toThrow(
      NonFiniteFailure,
    );
  });
});
