import type {
  BundleFile,
  DetectionConfig,
  EpochLoss,
  ModelMetrics,
  StreamSettings,
  TrainingConfig,
  TrainingProgress,
} from '@logbert/contracts';
import { calibrate, type DetectorSnapshot, type ScoredWindow } from '@logbert/detection';
import {
  type Architecture,
  buildScoringModel,
  LogBertScorer,
  trainLogBert,
  type TrainedLogBert,
  type TrainLogBertInput,
} from '@logbert/logbert';
import type { OpenGraph } from '@logbert/onnx-graph';
import { ALTERNATIVES } from './bundle';
import type { CalibrationSnapshot } from './kind-detectors';
import { seededRandom } from './seeded-random';
import { type LearntWindow, type Split, splitByKind } from './split-windows';
import { TemplateCatalogue } from './template-catalogue';
import { readTrainingWindows, type ReadRecords, type TrainingWindows } from './training-windows';

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
const SCORED_AT_ONCE = 2_048;
const GRADIENT_CLIP = 1;
const WARMUP_SHARE = 0.05;

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
  readonly signal?: AbortSignal;
}

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
    input.signal,
  );
  const split = splitByKind(read, input.training);
  report.say({ stage: 'training', share: SHARE_OF.training, windows: read.windows.length });

  const trained = await train(input, read, trainingWindowsOf(split), report);
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

async function train(
  input: TrainStreamInput,
  read: TrainingWindows,
  windows: readonly Int32Array[],
  report: ProgressReport,
): Promise<TrainedLogBert> {
  const { training: config, settings } = input;
  const every = Math.max(2, Math.round(1 / VALIDATION_SHARE));
  const hasValidation = windows.length >= every * MIN_VALIDATION_WINDOWS;
  let told = 0;
  return trainLogBert({
    training: hasValidation ? windows.filter((_, index) => index % every !== 0) : windows,
    validation: hasValidation ? windows.filter((_, index) => index % every === 0) : [],
    architecture: architectureFor(config, settings, read.vocabulary.size),
    settings: {
      epochs: config.epochs,
      batchSize: config.batchSize,
      learningRate: config.learningRate,
      weightDecay: config.weightDecay,
      maskRatio: config.maskRatio,
      hypersphereWeight: config.hypersphereWeight,
      patience: config.patience,
      gradientClip: GRADIENT_CLIP,
      warmupShare: WARMUP_SHARE,
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

function architectureFor(
  { model }: TrainingConfig,
  settings: StreamSettings,
  vocabularySize: number,
): Architecture {
  const longest = longestWindow(settings);
  const ends = settings.window.kind === 'session' ? { sessionsCutAt: longest } : {};
  return { ...model, vocabularySize, maxLength: longest + 1, ...ends };
}

/** Lines. */
function longestWindow({ window }: StreamSettings): number {
  return window.kind === 'session' ? window.maxLength : window.size;
}

/** Calibrates a detector for each kind of window by windows that took no part in training. */
async function calibrateKinds(
  model: Uint8Array,
  read: TrainingWindows,
  split: Split,
  { openGraph, detection, settings, signal, training: config }: TrainStreamInput,
): Promise<CalibrationSnapshot> {
  const scorer = await LogBertScorer.open(model, openGraph, {
    passes: detection.passes,
    alternatives: ALTERNATIVES,
  });
  try {
    const detectors: Record<string, DetectorSnapshot> = {};
    for (const { kind, training, calibration, trimmed } of split.kinds) {
      detectors[kind] = calibrate({
        training: training.map(({ tokens }) => tokens),
        calibration: await scoreAll(scorer, calibration, signal),
        vocabularySize: read.vocabulary.size,
        alertBudget: settings.alertBudget,
        trimmedWindows: trimmed,
        trimShare: config.trimShare,
        sessionsCutAt: kind === 'sliding' ? undefined : longestWindow(settings),
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
  windows: readonly LearntWindow[],
  signal: AbortSignal | undefined,
): Promise<readonly ScoredWindow[]> {
  const scored: ScoredWindow[] = [];
  for (let start = 0; start < windows.length; start += SCORED_AT_ONCE) {
    signal?.throwIfAborted();
    const some = windows.slice(start, start + SCORED_AT_ONCE);
    const scores = await scorer.score(some.map(({ tokens }) => tokens));
    for (const [index, { tokens, novelLines }] of some.entries()) {
      scored.push({ tokens, novelLines, score: scores[index] });
    }
  }
  return scored;
}

function trainingWindowsOf(split: Split): readonly Int32Array[] {
  return split.kinds
    .flatMap(({ training }) => training)
    .sort((a, b) => a.order - b.order)
    .map(({ tokens }) => tokens);
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
    this.last = {
      stage: 'queued',
      share: 0,
      lines: 0,
      templates: 0,
      windows: 0,
      epoch: 0,
      epochs,
      loss: null,
      validationLoss: null,
      tokensPerSecond: null,
      etaSeconds: null,
    };
  }

  say(change: Partial<TrainingProgress>): void {
    this.last = { ...this.last, ...change };
    this.tell?.(this.last);
  }
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
