import type { OpenGraph } from '@logbert/onnx-graph';
import { checkArchitecture, type Architecture, type TrainingSettings } from './architecture';
import { Evaluator } from './evaluator';
import { buildBuckets, type Bucket } from './length-buckets';
import { CheckpointFailure, WindowFailure } from './logbert-failures';
import { NonFiniteFailure } from './non-finite-failure';
import { countParameters, drawParameters, unpackParameters } from './parameters';
import type { SampleSet } from './sample-set';
import { deriveSeed, seededRandom } from './seeded-random';
import { StepRunner } from './step-runner';
import type { EpochRecord, TrainedLogBert } from './trained-logbert';
import type { TrainingCheckpoint } from './training-checkpoint';
import { differenceOf, fingerprintOf, type TrainingFingerprint } from './training-fingerprint';
import {
  collectSamples,
  RepeatedSamples,
  shareSamples,
  spreadSamples,
  unknownShare,
} from './training-samples';
import { countSteps, scheduleEpoch } from './training-schedule';
import type { WeightedWindows } from './weighted-windows';

/** Where a training stands. `step` reaches `steps` only when the epoch's losses are known. */
export interface LogBertProgress {
  readonly epoch: number;
  readonly epochs: number;
  readonly step: number;
  readonly steps: number;
  readonly loss: number | null;
  readonly validationLoss: number | null;
  readonly tokensPerSecond: number | null;
  readonly etaSeconds: number | null;
}

/** Gives the checkpoint with the fingerprint, if there is one. */
export type ResumeTraining = (
  fingerprint: TrainingFingerprint,
) => TrainingCheckpoint | undefined | Promise<TrainingCheckpoint | undefined>;

export interface TrainLogBertInput {
  /**
   * Key tokens of each window, without `[DIST]`: read once, so that they need not all be in memory, or kept by somebody
   * who does not change them meanwhile, and then not copied.
   */
  readonly training: Iterable<Int32Array> | WeightedWindows;
  /** How often each window that is read occurred; left out, once each. Identical windows are joined in any case. */
  readonly weights?: readonly number[];
  /** Windows that early stopping judges by; with none, all epochs are run. */
  readonly validation: Iterable<Int32Array> | WeightedWindows;
  readonly architecture: Architecture;
  readonly settings: TrainingSettings;
  readonly openGraph: OpenGraph;
  /** Seeded, in [0, 1). It is asked once: everything follows from that one number. */
  readonly random: () => number;
  /** Milliseconds. */
  readonly now: () => number;
  readonly onProgress?: (progress: LogBertProgress) => void;
  /** Called after each epoch with all that is needed to go on from there. */
  readonly onCheckpoint?: (checkpoint: TrainingCheckpoint) => void | Promise<void>;
  /** Asked once for a checkpoint with this fingerprint, which training goes on from; with none it begins anew. */
  readonly resume?: ResumeTraining;
  readonly signal?: AbortSignal;
  /** Threads of one operator; left out, one a core. */
  readonly threads?: number;
}

/** More distinct windows than these do not make the validation loss or the centre better, only slower. */
const MOST_VALIDATED = 1_000;
const MOST_FOR_EPOCH_CENTRE = 250;
const MOST_FOR_FINAL_CENTRE = 2_000;
/** An UNKNOWN line is at least this surprising when training had next to none: 1 in 1,000. */
const RARE_UNKNOWN_SHARE = 0.001;
/** Steps of an epoch at the least, so that `epochs` means the same amount of learning for small sources. */
const FEWEST_STEPS = 24;
const REPORT_EVERY_MS = 250;
/** Separate streams of random numbers that follow from one seed. */
const [DRAW_PARAMETERS, DRAW_DROPOUT, FIRST_EPOCH] = [0, 1, 2];

/**
 * Trains a LogBERT network: masked-key prediction and hypersphere loss (Guo, Yuan & Wu, IJCNN 2021).
 *
 * The hypersphere's centre is the mean representation of `[DIST]` under the present parameters, measured after
 * each epoch; the first epoch has none and trains on masked keys alone. The epoch with the best validation loss
 * is the result. On one machine the same input and seed give the same bits.
 *
 * @throws WindowFailure when there is no window, or one holds a token outside the vocabulary
 * @throws ArchitectureFailure when the sizes make no network
 * @throws CheckpointFailure when what `resume` gives belongs to another training
 * @throws NonFiniteFailure when a loss or gradient is not finite; it carries the model before that step
 * @throws the signal's reason when `signal` aborts, between two steps
 */
export async function trainLogBert(input: TrainLogBertInput): Promise<TrainedLogBert> {
  checkArchitecture(input.architecture);
  const { architecture, settings } = input;
  const samples = samplesOf(input.training, input.weights, architecture);
  if (samples.size === 0) throw new WindowFailure('there is no window to train on');
  const validation = samplesOf(input.validation, undefined, architecture);

  const seed = Math.floor(input.random() * 2 ** 32);
  const fingerprint = await fingerprintOf({
    training: samples,
    validation,
    architecture,
    settings,
    seed,
  });
  const resume = await input.resume?.(fingerprint);
  if (resume) checkFits(resume, fingerprint, architecture);
  const repeated = new RepeatedSamples(samples, FEWEST_STEPS * settings.batchSize);
  const buckets = buildBuckets(repeated, settings.batchSize);
  const options = input.threads === undefined ? {} : { threads: input.threads };
  const evaluator = await Evaluator.open(
    architecture,
    settings.maskRatio,
    input.openGraph,
    options,
  );
  try {
    const runner = await StepRunner.open({
      architecture,
      settings,
      buckets,
      steps: settings.epochs * countSteps(buckets, settings.stepsPerEpoch),
      meanWeight: repeated.meanWeight,
      state: resume ? copyState(resume) : freshState(architecture, seed),
      random: seededRandom(deriveSeed(seed, DRAW_DROPOUT)),
      openGraph: input.openGraph,
      options,
    });
    try {
      const data = { samples, repeated, validation, buckets };
      const training = new Training(input, { fingerprint, resume }, data, runner, evaluator);
      return await training.run();
    } finally {
      await runner.close();
    }
  } finally {
    await evaluator.close();
  }
}

function samplesOf(
  windows: Iterable<Int32Array> | WeightedWindows,
  weights: readonly number[] | undefined,
  architecture: Architecture,
): SampleSet {
  if ('windows' in windows) return shareSamples(windows, architecture);
  return collectSamples(windows, weights, architecture);
}

function freshState(architecture: Architecture, seed: number) {
  const parameters = drawParameters(architecture, seededRandom(deriveSeed(seed, DRAW_PARAMETERS)));
  const { length } = parameters;
  return { parameters, first: new Float32Array(length), second: new Float32Array(length) };
}

/** Trained on with the wrong windows, a checkpoint would give a model of neither. */
function checkFits(
  checkpoint: TrainingCheckpoint,
  fingerprint: TrainingFingerprint,
  architecture: Architecture,
): void {
  const difference = differenceOf(checkpoint.fingerprint, fingerprint);
  if (difference !== undefined) throw new CheckpointFailure(`it belongs to other ${difference}`);
  if (checkpoint.parameters.length !== countParameters(architecture)) {
    throw new CheckpointFailure('it has another number of parameters than the network');
  }
}

function copyState({ parameters, first, second }: TrainingCheckpoint) {
  return { parameters: parameters.slice(), first: first.slice(), second: second.slice() };
}

interface TrainingStart {
  readonly fingerprint: TrainingFingerprint;
  readonly resume: TrainingCheckpoint | undefined;
}

interface TrainingData {
  readonly samples: SampleSet;
  readonly repeated: RepeatedSamples;
  readonly validation: SampleSet;
  readonly buckets: readonly Bucket[];
}

/** One training under way. */
class Training {
  private readonly history: EpochRecord[];
  private centre: Float32Array;
  private best: { loss: number; epoch: number; parameters: Float32Array };
  private readonly stepsPerEpoch: number;
  private readonly startedAt: number;
  private reportedAt = -Infinity;
  private stepsDone = 0;

  constructor(
    private readonly input: TrainLogBertInput,
    private readonly start: TrainingStart,
    private readonly data: TrainingData,
    private readonly runner: StepRunner,
    private readonly evaluator: Evaluator,
  ) {
    const { resume } = start;
    const { architecture, settings } = input;
    this.history = [...(resume?.history ?? [])];
    this.centre = resume?.centre.slice() ?? new Float32Array(architecture.hidden);
    this.best = {
      loss: resume?.best.loss ?? Infinity,
      epoch: resume?.best.epoch ?? 0,
      parameters: (resume?.best.parameters ?? runner.state.parameters).slice(),
    };
    this.stepsPerEpoch = countSteps(data.buckets, settings.stepsPerEpoch);
    this.startedAt = input.now();
  }

  async run(): Promise<TrainedLogBert> {
    const { epochs, patience } = this.input.settings;
    for (let epoch = this.history.length + 1; epoch <= epochs; epoch++) {
      if (epoch - 1 - this.best.epoch >= patience && this.data.validation.size > 0) break;
      await this.runEpoch(epoch);
      await this.input.onCheckpoint?.(this.checkpoint());
    }
    return this.result(this.best.parameters);
  }

  private async runEpoch(epoch: number): Promise<void> {
    const { settings, signal, now } = this.input;
    const random = seededRandom(deriveSeed(this.start.fingerprint.seed, FIRST_EPOCH + epoch));
    const weight = epoch === 1 ? 0 : settings.hypersphereWeight;
    const startedAt = now();
    const sums = { loss: 0, weight: 0, positions: 0 };
    const steps = scheduleEpoch(this.data.buckets, random, settings.stepsPerEpoch);
    for (const [index, step] of steps.entries()) {
      signal?.throwIfAborted();
      const number = (epoch - 1) * this.stepsPerEpoch + index;
      const hypersphere = { centre: this.centre, weight };
      const samples = this.data.repeated.pick(step.entries);
      const windows = { bucket: step.bucket, samples };
      const result = await this.runner.run(windows, number, hypersphere, random);
      for (const quantity of ['loss', 'gradientNorm'] as const) {
        if (!Number.isFinite(result[quantity])) {
          throw new NonFiniteFailure(quantity, number + 1, await this.lastGood());
        }
      }
      sums.loss += result.loss * result.weight;
      sums.weight += result.weight;
      sums.positions += result.positions;
      this.stepsDone++;
      const speed = sums.positions / Math.max(1e-3, (now() - startedAt) / 1_000);
      this.reportStep(epoch, index, sums.loss / sums.weight, speed);
    }
    const tokensPerSecond = sums.positions / Math.max(1e-3, (now() - startedAt) / 1_000);
    await this.finishEpoch(epoch, sums.loss / sums.weight, tokensPerSecond);
  }

  /** Measures the epoch and says so. */
  private async finishEpoch(epoch: number, loss: number, tokensPerSecond: number): Promise<void> {
    const { parameters } = this.runner.state;
    this.centre = await this.measureCentre(parameters, MOST_FOR_EPOCH_CENTRE);
    const validated = spreadSamples(this.data.validation, MOST_VALIDATED);
    const validationLoss =
      validated.length === 0 ? null : (await this.evaluator.evaluate(parameters, validated)).loss;
    if (validationLoss !== null && !Number.isFinite(validationLoss)) {
      const step = epoch * this.stepsPerEpoch;
      throw new NonFiniteFailure('validation loss', step, await this.lastGood());
    }
    this.history.push({ epoch, loss, validationLoss, tokensPerSecond });
    if (validationLoss === null || validationLoss < this.best.loss) {
      this.best.parameters.set(parameters);
      this.best = { ...this.best, loss: validationLoss ?? loss, epoch };
    }
    this.report(epoch, this.stepsPerEpoch, loss, validationLoss, tokensPerSecond);
  }

  private async measureCentre(parameters: Float32Array, most: number): Promise<Float32Array> {
    const { centre } = await this.evaluator.evaluate(
      parameters,
      spreadSamples(this.data.samples, most),
    );
    return centre;
  }

  private async result(parameters: Float32Array): Promise<TrainedLogBert> {
    const { architecture } = this.input;
    const isUnknownRare = unknownShare(this.data.samples) < RARE_UNKNOWN_SHARE;
    return {
      architecture,
      parameters: unpackParameters(architecture, parameters),
      centre: await this.measureCentre(parameters, MOST_FOR_FINAL_CENTRE),
      unknownFloor: isUnknownRare ? -Math.log(RARE_UNKNOWN_SHARE) : 0,
      history: this.history,
    };
  }

  /** The best epoch so far, or the parameters before the failed step when no epoch was finished. */
  private lastGood(): Promise<TrainedLogBert> {
    const isFirst = this.history.length === 0;
    return this.result(isFirst ? this.runner.state.parameters : this.best.parameters);
  }

  private checkpoint(): TrainingCheckpoint {
    const { parameters, first, second } = this.runner.state;
    return {
      fingerprint: this.start.fingerprint,
      parameters: parameters.slice(),
      first: first.slice(),
      second: second.slice(),
      centre: this.centre.slice(),
      best: { ...this.best, parameters: this.best.parameters.slice() },
      history: [...this.history],
    };
  }

  private reportStep(epoch: number, step: number, loss: number, tokensPerSecond: number): void {
    const present = this.input.now();
    if (present - this.reportedAt < REPORT_EVERY_MS) return;
    this.reportedAt = present;
    this.report(epoch, step, loss, this.history.at(-1)?.validationLoss ?? null, tokensPerSecond);
  }

  private report(
    epoch: number,
    step: number,
    loss: number,
    validationLoss: number | null,
    tokensPerSecond: number,
  ): void {
    const { epochs } = this.input.settings;
    const left = (epochs - epoch) * this.stepsPerEpoch + this.stepsPerEpoch - step;
    const secondsPerStep =
      (this.input.now() - this.startedAt) / 1_000 / Math.max(1, this.stepsDone);
    this.input.onProgress?.({
      epoch,
      epochs,
      step,
      steps: this.stepsPerEpoch,
      loss,
      validationLoss,
      tokensPerSecond,
      etaSeconds: left * secondsPerStep,
    });
  }
}
