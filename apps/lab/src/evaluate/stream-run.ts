import { type Configuration, type StreamSettings } from '@logbert/contracts';
import { openGraph } from '@logbert/graph-runner';
import {
  type Detected,
  loadBundle,
  type LoadedBundle,
  readTrainingWindows,
  StreamDetector,
  trainStream,
} from '@logbert/pipeline';
import { UNLEARNT_IDLE_MS } from '@logbert/sequences';
import type { Figures } from './figures';
import { Panel } from './panel';
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

interface Learned {
  readonly bundle: LoadedBundle;
  readonly rules: readonly TrivialDetector[];
}

/** Trains on the training lines, judges the test lines as production does, and counts. */
export async function runStream(run: StreamRun): Promise<Figures> {
  const { settings, configuration, training, testing } = run;
  let learned = await learn('first', training, run);
  const detector = new StreamDetector({
    stream: 'evaluated',
    settings,
    detection: configuration.detection,
    bundle: undefined,
  });
  // In production the detector has seen the lines that a model is trained on: it knows which sessions have begun.
  for (let start = 0; start < training.length; start += LINES_AT_ONCE) {
    await detector.accept(training.slice(start, start + LINES_AT_ONCE), Date.now());
  }
  detector.use(learned.bundle);
  const panel = new Panel(settings.alertBudget);
  const note = ({ judged, settled }: Detected): void => {
    for (const { key, ...item } of judged) panel.note({ session: key, ...item }, learned.rules);
    for (const { key, verdict, outcome } of settled) panel.settle(key, verdict, outcome);
  };

  let nextAdaptation = run.isAdapting ? growth(training.length) : Infinity;
  for (let start = 0; start < testing.length; start += LINES_AT_ONCE) {
    if (training.length + start >= nextAdaptation) {
      const { bundle } = learned;
      learned = await learn(
        `at ${start}`,
        [...training, ...testing.slice(0, start)].slice(-ADAPTATION_LINES),
        run,
      );
      detector.use(learned.bundle);
      await bundle.close();
      nextAdaptation = growth(training.length + start);
    }
    note(await detector.accept(testing.slice(start, start + LINES_AT_ONCE), Date.now()));
  }
  note(await detector.flush(Date.now()));
  await learned.bundle.close();
  return panel.figures(run.labels);
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
  return {
    bundle: await loadBundle(modelId, files, openGraph, configuration.detection),
    rules: learnTrivialDetectors(windows.windows()),
  };
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}
