export type { Architecture, TrainingSettings } from './architecture';
export { parseCheckpoint, serialiseCheckpoint } from './checkpoint-bytes';
export {
  ArchitectureFailure,
  CheckpointFailure,
  ModelFailure,
  WindowFailure,
} from './logbert-failures';
export { NonFiniteFailure } from './non-finite-failure';
export {
  trainLogBert,
  type LogBertProgress,
  type ResumeTraining,
  type TrainLogBertInput,
} from './train-logbert';
export type { EpochRecord, Parameter, TrainedLogBert } from './trained-logbert';
export type { TrainingCheckpoint } from './training-checkpoint';
export type { TrainingFingerprint } from './training-fingerprint';
export type { WindowScore } from './growing-score';
export type { Alternative, AlternativesOfLines } from './line-alternatives';
export { LogBertScorer, type ScorerOptions } from './logbert-scorer';
export { buildScoringModel, type Precision } from './scoring-model';
export { seededRandom } from './seeded-random';
export type { WeightedWindows } from './weighted-windows';
