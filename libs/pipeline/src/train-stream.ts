import {
  type BundleFile,
  type DetectionConfig,
  type EpochLoss,
  type ModelMetrics,
  QUEUED_PROGRESS,
  type StreamSettings,
  type TrainingConfig,
  type TrainingProgress,
} from '@logbert/contracts';
import { calibrate, type DetectorSnapshot, type ScoredWindow } from '@logbert/detection';
import {
  buildScoringModel,
  LogBertScorer,
  NonFiniteFailure,
  seededRandom,
  trainLogBert,
  type TrainedLogBert,
  type TrainLogBertInput,
  type WindowScore,
} from '@logbert/logbert';
import type { OpenGraph } from '@logbert/onnx-graph';
import { UNKNOWN, type WindowHistory } from '@logbert/sequences';
import { batchesOfLines } from './batches-of-lines';
import { ALTERNATIVES } from './bundle';
import { drawEvenly } from './draw-evenly';
import type { CalibrationSnapshot } from './kind-detectors';
import { architectureFor, longestWindow } from './model-sizes';
import { type Split, splitByKind, trainingWindowsOf } from './split-windows';
import { TemplateCatalogue } from './template-catalogue';
import { trainingSettingsOf } from './training-settings';
import { readTrainingWindows, type ReadRecords, type TrainingWindows } from './training-windows';
import { weighWindows } from './weigh-windows';

/** Shares of the whole job at which its stages begin; training itself takes most of the time. */
const SHARE_OF = {
  reading: 0,
  mining: 0.01,
  windowing: 0.08,
  training: 0.15,
  calibrating: 0.88,
  saving: 0.97,
};
/** Share of the training windows by which early stopping judges. */
const VALIDATION_SHARE = 0.1;
const MIN_VALIDATION_WINDOWS = 8;
/** Lines whose scores are held at once: alternatives take most of the memory. */
const LINES_SCORED_AT_ONCE = 131_072;
/**
 * Most training windows that are remembered as they are, beside the model. They are drawn evenly from all of training, so
 * that what is only done at night or on Mondays is known as well; the last ones alone might be those of an hour.
 */
const MOST_REMEMBERED = 100_000;

export interface TrainStreamInput {
  readonly records: ReadRecords;
  readonly settings: StreamSettings;
  readonly training: TrainingConfig;
  readonly detection: DetectionConfig;
  readonly openGraph: OpenGraph;
  /** The present, epoch milliseconds. */
  readonly now: () => number;
  readonly onProgress?: (progress: TrainingProgress) => void;
  readonly onEpoch?: (epoch: EpochLoss) => void;
  /** As in `trainLogBert`: told where training stands after each epoch, and asked where it is to go on from. */
  readonly onCheckpoint?: TrainLogBertInput['onCheckpoint'];
  readonly resume?: TrainLogBertInput['resume'];
  /** Most training steps of an epoch; left out, every window comes in each epoch. */
  readonly stepsPerEpoch?: number;
  /** As of a detector. */
  readonly sessionsByTime?: boolean;
  readonly signal?: AbortSignal;
}

export type TrainOnWindowsInput = Omit<TrainStreamInput, 'records'>;

export interface TrainedBundle {
  readonly files: Readonly<Record<BundleFile, Uint8Array>>;
  readonly metrics: ModelMetrics;
}

/**
 * Makes a model of what is normal from unlabelled lines: mine, cut, trim, train, calibrate.
 *
 * Nothing is assumed to be clean: windows too rare to be normal are trimmed before training and calibration. The
 * windows kept for calibration are the last ones in time and take no part in training.
 *
 * @throws TrainingSourceFailure when the source gives too few windows
 */
export async function trainStream(input: TrainStreamInput): Promise<TrainedBundle> {
  const startedAt = input.now();
  const report = new ProgressReport(input.onProgress, input.training.epochs);
  report.say({ stage: 'reading', share: SHARE_OF.reading });
  const read = await readTrainingWindows(
    input.records,
    input.settings,
    ({ stage, ...counts }) => report.say({ stage, share: SHARE_OF[stage], ...counts }),
    input,
  );
  return makeBundle(read, input, report, startedAt);
}

/**
 * The same from windows that were cut already.
 *
 * @throws TrainingSourceFailure when there are too few
 */
export async function trainOnWindows(
  read: TrainingWindows,
  input: TrainOnWindowsInput,
): Promise<TrainedBundle> {
  const report = new ProgressReport(input.onProgress, input.training.epochs);
  return makeBundle(read, input, report, input.now());
}

async function makeBundle(
  read: TrainingWindows,
  input: TrainOnWindowsInput,
  report: ProgressReport,
  startedAt: number,
): Promise<TrainedBundle> {
  const split = splitByKind(read, input.training);
  report.say({ stage: 'training', share: SHARE_OF.training, windows: read.windows.length });

  const { trained, divergence } = await train(input, read, trainingWindowsOf(split), report);
  const model = buildScoringModel(trained, { precision: input.detection.precision });

  report.say({ stage: 'calibrating', share: SHARE_OF.calibrating, etaSeconds: null });
  const calibration = await calibrateKinds(model, read, split, input);

  report.say({ stage: 'saving', share: SHARE_OF.saving });
  const last = trained.history.at(-1);
  const metrics: ModelMetrics = {
    lines: read.lines,
    templates: read.templates.length,
    windows: read.windows.length,
    trimmedWindows: sum(split, ({ trimmed }) => trimmed),
    ...(read.sessionIdleMs === undefined ? {} : { sessionIdleMs: read.sessionIdleMs }),
    calibrationWindows: sum(split, ({ calibration }) => calibration.length),
    parameters: [...trained.parameters.values()].reduce((sum, { data }) => sum + data.length, 0),
    epochs: trained.history.length,
    loss: last?.loss ?? null,
    validationLoss: last?.validationLoss ?? null,
    tokensPerSecond: last?.tokensPerSecond ?? null,
    ...(divergence ? { divergence } : {}),
    trainingSeconds: (input.now() - startedAt) / 1_000,
    bytes: model.length,
  };
  const files = {
    'model.onnx': model,
    'vocabulary.json': bytesOf(JSON.stringify(read.vocabulary.snapshot())),
    'templates.json': bytesOf(TemplateCatalogue.serialise(read.miner.snapshot(), read.templates)),
    'calibration.json': bytesOf(JSON.stringify(calibration)),
    'metrics.json': bytesOf(JSON.stringify(metrics)),
  };
  report.say({ stage: 'done', share: 1 });
  return { files, metrics };
}

interface Training {
  readonly trained: TrainedLogBert;
  readonly divergence: ModelMetrics['divergence'];
}

/** A training that diverges after an epoch has a good model all the same: the best one so far. */
async function train(...given: Parameters<typeof trainNetwork>): Promise<Training> {
  try {
    return { trained: await trainNetwork(...given), divergence: undefined };
  } catch (error) {
    if (!(error instanceof NonFiniteFailure) || error.step === undefined) throw error;
    const { quantity, step, lastGood } = error;
    if (lastGood === undefined || lastGood.history.length === 0) throw error;
    return { trained: lastGood, divergence: { quantity, step } };
  }
}

async function trainNetwork(
  input: TrainOnWindowsInput,
  read: TrainingWindows,
  numbers: Uint32Array,
  report: ProgressReport,
): Promise<TrainedLogBert> {
  const { training: config, settings } = input;
  const every = Math.max(2, Math.round(1 / VALIDATION_SHARE));
  const hasValidation = numbers.length >= every * MIN_VALIDATION_WINDOWS;
  const isValidation = (place: number): boolean => hasValidation && place % every === 0;
  let told = 0;
  return trainLogBert({
    training: weighWindows(read.windows, numbers, (place) => !isValidation(place)),
    validation: weighWindows(read.windows, numbers, isValidation),
    architecture: architectureFor(config.model, settings.window, read.vocabulary.size),
    settings: {
      ...trainingSettingsOf(config),
      ...(input.stepsPerEpoch === undefined ? {} : { stepsPerEpoch: input.stepsPerEpoch }),
    },
    openGraph: input.openGraph,
    random: seededRandom(config.seed),
    now: input.now,
    onProgress: (step) => {
      const done =
        (step.epoch - 1 + step.step / Math.max(1, step.steps)) / Math.max(1, step.epochs);
      report.say({
        stage: 'training',
        share: SHARE_OF.training + (SHARE_OF.calibrating - SHARE_OF.training) * Math.min(1, done),
        epoch: step.epoch,
        epochs: step.epochs,
        loss: step.loss,
        validationLoss: step.validationLoss,
        tokensPerSecond: step.tokensPerSecond,
        etaSeconds: step.etaSeconds,
      });
      if (step.step === step.steps && step.loss !== null && step.epoch > told) {
        told = step.epoch;
        input.onEpoch?.({
          epoch: step.epoch,
          loss: step.loss,
          validationLoss: step.validationLoss,
        });
      }
    },
    ...(input.onCheckpoint ? { onCheckpoint: input.onCheckpoint } : {}),
    ...(input.resume ? { resume: input.resume } : {}),
    ...(input.signal ? { signal: input.signal } : {}),
  });
}

/** Calibrates a detector for each kind of window by windows that took no part in training. */
async function calibrateKinds(
  model: Uint8Array,
  read: TrainingWindows,
  split: Split,
  { openGraph, detection, settings, signal, training: config }: TrainOnWindowsInput,
): Promise<CalibrationSnapshot> {
  const scorer = await LogBertScorer.open(model, openGraph, {
    passes: detection.passes,
    alternatives: ALTERNATIVES,
  });
  try {
    const detectors: Record<string, DetectorSnapshot> = {};
    for (const { kind, training, calibration, trimmed } of split.kinds) {
      const remembered = drawEvenly(training, MOST_REMEMBERED, seededRandom(config.seed));
      const shown =
        (remembered.length + calibration.length) / (training.length + calibration.length);
      detectors[kind] = calibrate({
        training: Array.from(remembered, (index) => read.windows.tokensOf(index)),
        trainingGroups: Array.from(remembered, (index) => read.windows.serviceOf(index)),
        calibration: await scoreAll(scorer, read.windows, calibration, signal),
        vocabularySize: read.vocabulary.size,
        alertBudget: settings.alertBudget,
        trimmedWindows: Math.round(trimmed * shown),
        trimShare: config.trimShare,
        sessionsCutAt: kind === 'sliding' ? undefined : longestWindow(settings.window),
      });
    }
    return {
      formatVersion: 1,
      judgedAs: split.judgedAs,
      detectors,
      sessionIdleMs: read.sessionIdleMs,
    };
  } finally {
    await scorer.close();
  }
}

async function scoreAll(
  scorer: LogBertScorer,
  windows: WindowHistory,
  numbers: Uint32Array,
  signal: AbortSignal | undefined,
): Promise<readonly ScoredWindow[]> {
  const scored: ScoredWindow[] = [];
  const linesOf = (index: number): number => windows.tokensOf(index).length;
  for (const batch of batchesOfLines(numbers, linesOf, LINES_SCORED_AT_ONCE)) {
    signal?.throwIfAborted();
    const scores = await scorer.score(batch.map((number) => windows.tokensOf(number)));
    for (const [index, number] of batch.entries()) {
      const tokens = windows.tokensOf(number);
      const novelLines = tokens.filter((token) => token === UNKNOWN).length;
      const group = windows.serviceOf(number);
      scored.push({ tokens, novelLines, group, score: scoreAlone(scores[index]) });
    }
  }
  return scored;
}

/** Without what was expected instead, which takes most of the memory and is no part of calibration. */
function scoreAlone(score: WindowScore | undefined): ScoredWindow['score'] {
  if (!score) return undefined;
  const { surprise, entropy, distance, presence, endSurprise } = score;
  return { surprise, entropy, distance, presence, endSurprise };
}

function sum({ kinds }: Split, figure: (kind: Split['kinds'][number]) => number): number {
  return kinds.reduce((total, kind) => total + figure(kind), 0);
}

/** Keeps the last known figures, so that each report is whole. */
class ProgressReport {
  private last: TrainingProgress;

  constructor(
    private readonly tell: ((progress: TrainingProgress) => void) | undefined,
    epochs: number,
  ) {
    this.last = { ...QUEUED_PROGRESS, epochs };
  }

  say(change: Partial<TrainingProgress>): void {
    this.last = { ...this.last, ...change };
    this.tell?.(this.last);
  }
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
