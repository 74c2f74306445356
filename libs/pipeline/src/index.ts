export type { SettledVerdict } from './verdict-book';
export type { JudgedWindow } from './judged-window';
export { type LoadedBundle, loadBundle } from './bundle';
export { batchesOfLines } from './batches-of-lines';
export { architectureFor } from './model-sizes';
export type { NovelTemplate } from './novel-lines';
export { BundleFailure, TrainingSourceFailure } from './pipeline-failure';
export {
  type Detected,
  type IncomingRecord,
  type PoisonRecord,
  StreamDetector,
  type StreamDetectorInput,
  type StreamDetectorState,
} from './stream-detector';
export { type CataloguedTemplate, TemplateCatalogue } from './template-catalogue';
export {
  trainOnWindows,
  type TrainOnWindowsInput,
  trainStream,
  type TrainedBundle,
  type TrainStreamInput,
} from './train-stream';
export { trainingSettingsOf } from './training-settings';
export {
  readTrainingWindows,
  type ReadRecords,
  type SourceRecord,
  type TrainingWindows,
} from './training-windows';
export type { Turn } from './turn';
