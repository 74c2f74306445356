import {
  buildScoringModel,
  LogBertScorer,
  trainLogBert,
  type Architecture,
  type TrainedLogBert,
  type TrainingSettings,
} from '@logbert/logbert';
import { beforeAll, describe, expect, it } from 'vitest';
import { openGraph } from './open-graph';

const architecture: Architecture = {
  vocabularySize: 8,
  hidden: 32,
  layers: 2,
  heads: 4,
  feedForward: 64,
  maxLength: 16,
  dropout: 0.1,
};
const settings: TrainingSettings = {
  epochs: 6,
  batchSize: 16,
  learningRate: 3e-3,
  weightDecay: 0.01,
  maskRatio: 0.3,
  hypersphereWeight: 0.1,
  patience: 20,
  gradientClip: 1,
  warmupShare: 0.1,
};
const [A, B, C, D] = [4, 5, 6, 7];

describe('trainLogBert', () => {
  let trained: TrainedLogBert;
  let scorer: LogBertScorer;

  beforeAll(async () => {
    const windows = Array.from({ length: 64 }, (_, i) =>
      Int32Array.from(Array.from({ length: 1 + (i % 3) }, () => [A, B, C, D]).flat()),
    );
    trained = await trainLogBert({
      training: windows.slice(8),
      validation: windows.slice(0, 8),
      architecture,
      settings,
      openGraph,
      random: () => 0.5,
      now: () => performance.now(),
    });
    const model = buildScoringModel(trained, { precision: 'fp32' });
    scorer = await LogBertScorer.open(model, openGraph, { passes: 4, alternatives: 3 });
  });

  it('learns: the loss falls', () => {
    const [first, last] = [trained.history[0], trained.history.at(-1)];
    expect(last?.loss).toBeLessThan((first?.loss ?? 0) / 4);
    expect(last?.validationLoss).toBeLessThan(0.1);
  });

  it('finds lines in the wrong order surprising although their counts are right', async () => {
    const [right, wrong] = await scorer.score([
      Int32Array.of(A, B, C, D),
      Int32Array.of(A, C, B, D),
    ]);
    expect(Math.max(...(right?.surprise ?? [9]))).toBeLessThan(0.5);
    expect(Math.max(...(wrong?.surprise ?? [0]))).toBeGreaterThan(3);
  });
});
