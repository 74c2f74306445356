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
/** With adaptation, what is known is learnt anew each time this share of the learned lines has passed. */
const ADAPTATION_SHARE = 0.5;

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
  let learned = await learn(training, run);
  const detector = new StreamDetector({
    stream: 'evaluated',
    settings,
    detection: configuration.detection,
    bundle: learned.bundle,
  });
  const panel = new Panel(settings.alertBudget);
  const note = ({ judged }: Detected): void => {
    for (const { key, ...item } of judged) panel.note({ session: key, ...item }, learned.rules);
  };

  const adaptEvery = run.isAdapting ? Math.ceil(training.length * ADAPTATION_SHARE) : Infinity;
  let nextAdaptation = adaptEvery;
  for (let start = 0; start < testing.length; start += LINES_AT_ONCE) {
    if (start >= nextAdaptation) {
      const { bundle } = learned;
      learned = await learn(recentLines(training, testing, start), run);
      detector.use(learned.bundle);
      await bundle.close();
      nextAdaptation += adaptEvery;
    }
    note(await detector.accept(testing.slice(start, start + LINES_AT_ONCE), Date.now()));
  }
  note(await detector.flush(Date.now()));
  await learned.bundle.close();
  return panel.figures(run.labels);
}

/** As many lines as there are to learn from, ending before the test line at `start`. */
function recentLines(
  training: readonly Line[],
  testing: readonly Line[],
  start: number,
): readonly Line[] {
  const fromTest = testing.slice(Math.max(0, start - training.length), start);
  return [...training.slice(fromTest.length), ...fromTest];
}

async function learn(
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
    bundle: await loadBundle('evaluated', files, openGraph, configuration.detection),
    rules: learnTrivialDetectors(windows),
  };
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}
