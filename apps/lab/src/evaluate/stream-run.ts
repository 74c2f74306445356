import { type Configuration, type StreamSettings } from '@logbert/contracts';
import { openGraph } from '@logbert/graph-runner';
import { loadBundle, type LoadedBundle, readTrainingWindows, trainStream } from '@logbert/pipeline';
import { UNLEARNT_IDLE_MS } from '@logbert/sequences';
import { type EarlyFigures, EarlyVerdicts } from './early-verdicts';
import { learnEntropyRule } from './entropy-rule';
import { FalseAlertCourse, type FalseAlertSteps } from './false-alert-course';
import type { Figures } from './figures';
import { KindModelsAlone } from './kind-models-alone';
import { ModelReader } from './model-reading';
import { openMuteGraph } from './mute-graph';
import { type DetectedTwice, PairedDetectors } from './paired-detectors';
import { Panel } from './panel';
import { learnOnlineRarityRule } from './rarity-rule';
import { learnTrivialDetectors, type TrivialDetector } from './trivial-detectors';

const LINES_AT_ONCE = 2_000;
/** With adaptation, what is known is learnt anew each time there are so many times the lines to learn from. */
const ADAPTATION_GROWTH = 2;
/** Most lines that are learnt from, the last ones. */
const ADAPTATION_LINES = 500_000;

export interface Line {
  readonly offset: number;
  readonly value: Uint8Array;
  readonly receivedAtMs: number;
}

export interface StreamRun {
  readonly settings: StreamSettings;
  readonly configuration: Configuration;
  readonly training: readonly Line[];
  readonly testing: readonly Line[];
  readonly labels: ReadonlyMap<string, boolean>;
  /** Whether the detector is trained again on the recent past while it judges. */
  readonly isAdapting: boolean;
  readonly say: (text: string) => void;
}

export interface StreamFigures {
  readonly figures: Figures;
  /** Undefined when no session was flagged. */
  readonly early: EarlyFigures | undefined;
  readonly falseAlerts: FalseAlertSteps;
}

interface Learned {
  readonly bundle: LoadedBundle;
  /** The same without a word of its model. */
  readonly mute: LoadedBundle;
  readonly alone: KindModelsAlone;
  readonly rules: readonly TrivialDetector[];
  /** The same model once more, for the rules that want more of it than detection does. */
  readonly reader: ModelReader;
}

/** Trains on the training lines, judges the test lines as production does, and counts. */
export async function runStream(run: StreamRun): Promise<StreamFigures> {
  const { settings, configuration, training, testing } = run;
  let learned = await learn('first', training, run);
  const detectors = new PairedDetectors({
    stream: 'evaluated',
    settings,
    detection: configuration.detection,
  });
  // In production the detector has seen the lines that a model is trained on: it knows which sessions have begun.
  for (let start = 0; start < training.length; start += LINES_AT_ONCE) {
    await detectors.accept(training.slice(start, start + LINES_AT_ONCE), Date.now());
  }
  detectors.use(learned.bundle, learned.mute);
  const panel = new Panel(settings.alertBudget);
  const early = new EarlyVerdicts();
  const course = new FalseAlertCourse();
  const note = async ({ judged, settled }: DetectedTwice): Promise<void> => {
    const sessions = judged.filter(({ kind }) => kind !== 'sliding');
    const readings = await learned.reader.read(sessions.map(({ tokens }) => tokens));
    for (const [index, window] of sessions.entries()) {
      early.note(window);
      const { key, kind, ...item } = window;
      course.note(key, item.verdict.isAnomaly);
      panel.note(
        { session: key, ...item, reading: readings[index] },
        learned.rules,
        learned.alone.of(kind),
      );
    }
    for (const { key, verdict, outcome } of settled) {
      panel.settle(key, verdict, outcome);
      course.settle(key, outcome);
    }
  };

  let nextAdaptation = run.isAdapting ? growth(training.length) : Infinity;
  for (let start = 0; start < testing.length; start += LINES_AT_ONCE) {
    if (training.length + start >= nextAdaptation) {
      const before = learned;
      learned = await learn(
        `at ${start}`,
        [...training, ...testing.slice(0, start)].slice(-ADAPTATION_LINES),
        run,
      );
      detectors.use(learned.bundle, learned.mute);
      await close(before);
      nextAdaptation = growth(training.length + start);
    }
    await note(await detectors.accept(testing.slice(start, start + LINES_AT_ONCE), Date.now()));
  }
  await note(await detectors.flush(Date.now()));
  await close(learned);
  return {
    figures: panel.figures(run.labels),
    early: early.figures(),
    falseAlerts: course.steps(run.labels),
  };
}

async function close({ bundle, mute, reader }: Learned): Promise<void> {
  await bundle.close();
  await mute.close();
  await reader.close();
}

function growth(lines: number): number {
  return Math.ceil(lines * ADAPTATION_GROWTH);
}

async function learn(
  modelId: string,
  lines: readonly Line[],
  { settings, configuration, say }: StreamRun,
): Promise<Learned> {
  const records = (): AsyncGenerator<Line> => each(lines);
  const { files, metrics } = await trainStream({
    records,
    settings,
    training: configuration.training,
    detection: configuration.detection,
    openGraph,
    now: () => performance.now(),
  });
  say(
    `trained in ${metrics.trainingSeconds.toFixed(1)} s: ${metrics.templates} templates, ` +
      `${metrics.windows} windows, ${metrics.trimmedWindows} trimmed, ` +
      `sessions end after ${(metrics.sessionIdleMs ?? UNLEARNT_IDLE_MS) / 1_000} s unless told otherwise`,
  );
  const { windows } = await readTrainingWindows(records, settings, () => undefined);
  const untrimmed = [...windows.windows()];
  const { passes } = configuration.detection;
  const reader = await ModelReader.open(files['model.onnx'], openGraph, passes);
  const sessions = untrimmed.filter((_, index) => windows.kindOf(index) !== 'sliding');
  // About those that calibration was given: the last ones, but untrimmed.
  const first = Math.floor(sessions.length * (1 - configuration.training.calibrationShare));
  const calibration = await reader.read(sessions.slice(first));
  const entropies = calibration.map(({ meanEntropy }) => meanEntropy);
  const bundle = await loadBundle(modelId, files, openGraph, configuration.detection);
  return {
    bundle,
    mute: await loadBundle(modelId, files, openMuteGraph, configuration.detection),
    alone: KindModelsAlone.restore(bundle.calibration),
    rules: [
      ...learnTrivialDetectors(untrimmed),
      learnOnlineRarityRule(sessions),
      learnEntropyRule(entropies, settings.alertBudget),
    ],
    reader,
  };
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}
