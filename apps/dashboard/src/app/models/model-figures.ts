import type { ModelMetrics } from '@logbert/contracts';
import { formatBytes, formatCount, formatDuration, formatMeasure } from '../figures/figures';

export interface ModelFigure {
  readonly name: string;
  /** What it means, where the name does not say it all. */
  readonly meaning?: string;
  readonly read: (metrics: ModelMetrics) => string;
}

/** What is told of a model's training, in this order. */
export const MODEL_FIGURES: readonly ModelFigure[] = [
  { name: 'Lines', read: ({ lines }) => formatCount(lines) },
  { name: 'Templates', read: ({ templates }) => formatCount(templates) },
  { name: 'Windows', read: ({ windows }) => formatCount(windows) },
  {
    name: 'Left out',
    meaning: 'Windows that were too rare to be called normal and were not learnt from',
    read: ({ trimmedWindows }) => formatCount(trimmedWindows),
  },
  { name: 'Loss', meaning: 'Nats a key, in the last epoch', read: ({ loss }) => orNone(loss) },
  {
    name: 'Validation',
    meaning: 'Loss over lines that were kept apart, in the last epoch',
    read: ({ validationLoss }) => orNone(validationLoss),
  },
  { name: 'Epochs', read: ({ epochs }) => String(epochs) },
  { name: 'Parameters', read: ({ parameters }) => formatCount(parameters) },
  { name: 'Size', read: ({ bytes }) => formatBytes(bytes) },
  {
    name: 'Training took',
    meaning: 'From the first line read to the calibrated model; the job takes a little longer',
    read: ({ trainingSeconds }) => formatDuration(trainingSeconds * 1_000),
  },
];

function orNone(value: number | null): string {
  return value === null ? '–' : formatMeasure(value);
}
