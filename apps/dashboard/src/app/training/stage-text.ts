import type { TrainingStage } from '@logbert/contracts';

/** Each stage of a training job as a person would say it. */
export const STAGE_TEXT: Readonly<Record<TrainingStage, string>> = {
  queued: 'Waiting for its turn',
  reading: 'Reading lines',
  mining: 'Finding templates',
  windowing: 'Cutting windows',
  training: 'Training',
  calibrating: 'Calibrating',
  saving: 'Saving the model',
  done: 'Done',
};
