import {
  buildScoringModel,
  LogBertScorer,
  trainLogBert,
  type Architecture,
  type TrainedLogBert,
  type TrainingSettings,
  type TrainLogBertInput,
  type WindowScore,
} from '@logbert/logbert';
import { openGraph } from './open-graph';

export const architecture: Architecture = {
  vocabularySize: 8,
  hidden: 32,
  layers: 2,
  heads: 4,
  feedForward: 64,
  maxLength: 16,
  dropout: 0.1,
};
/** Small enough for a test, and enough to learn a cycle of four keys by heart. */
export const settings: TrainingSettings = {
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
export const [A, B, C, D, UNKNOWN] = [4, 5, 6, 7, 3];

/** A B C D, once, twice or three times over. */
export const rounds = Array.from({ length: 64 }, (_, i) =>
  Int32Array.from(Array.from({ length: 1 + (i % 3) }, () => [A, B, C, D]).flat()),
);

/** Trains on rounds of four keys, unless told otherwise. */
export function train(change: Partial<TrainLogBertInput> = {}): Promise<TrainedLogBert> {
  return trainLogBert({
    training: rounds.slice(8),
    validation: rounds.slice(0, 8),
    architecture,
    settings,
    openGraph,
    random: () => 0.5,
    now: () => performance.now(),
    ...change,
  });
}

export async function score(
  trained: TrainedLogBert,
  windows: readonly Int32Array[],
  options: { precision?: 'fp32' | 'int8'; batchSize?: number } = {},
): Promise<readonly WindowScore[]> {
  const model = buildScoringModel(trained, { precision: options.precision ?? 'fp32' });
  const scorer = await LogBertScorer.open(model, openGraph, {
    passes: 4,
    alternatives: 3,
    batchSize: options.batchSize ?? 64,
  });
  try {
    return await scorer.score(windows);
  } finally {
    await scorer.close();
  }
}

/** The largest surprise of a window's lines. */
export const peak = (result: WindowScore | undefined) => Math.max(...(result?.surprise ?? [NaN]));
