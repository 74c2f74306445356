export type { Architecture, TrainingSettings } from './architecture';
export { ArchitectureFailure, ModelFailure, WindowFailure } from './logbert-failures';
export { NonFiniteFailure } from './non-finite-failure';
export { trainLogBert, type LogBertProgress, type TrainLogBertInput } from './train-logbert';
export type { EpochRecord, Parameter, TrainedLogBert } from './trained-logbert';
export type { TrainingCheckpoint } from './training-checkpoint';
export {
  LogBertScorer,
  type Alternative,
  type ScorerOptions,
  type WindowScore,
} from './logbert-scorer';
export { buildScoringModel, type Precision } from './scoring-model';
export type { WeightedWindows } from './weighted-windows';
