import {
  CHANNELS,
  configurationSchema,
  type StreamSettings,
  streamSettingsSchema,
} from '@logbert/contracts';
import { openGraph } from '@logbert/graph-runner';
import { buildDecoder } from '@logbert/log-records';
import {
  type Detected,
  loadBundle,
  readTrainingWindows,
  StreamDetector,
  trainStream,
} from '@logbert/pipeline';
import { readLabels } from '../reading/read-labels';
import { readLines } from '../reading/read-lines';
import { Options, UsageError } from '../reporting/options';
import { reportHead, writeReport } from '../reporting/report';
import { fraction, formatTable } from '../reporting/table';
import { SessionScores, type SystemFigures } from './session-scores';
import { learnTrivialDetectors, thresholdFor } from './trivial-detectors';

const OPTIONS = {
  'train-log': { value: 'FILE', help: 'raw lines to learn from, .gz or not', isRequired: true },
  'test-log': { value: 'FILE', help: 'raw lines to judge; may be the same file', isRequired: true },
  'test-labels': { value: 'FILE', help: 'CSV: session key, …, label', isRequired: true },
  'session-key': { value: 'REGEX', help: 'finds the session key in a message', isRequired: true },
  format: {
    value: 'PATTERN',
    help: 'header of a line, such as "<Date> <Time> <Level>: <Content>"',
  },
  'train-before': { value: 'TIME', help: 'learn from lines before it, judge the others' },
  'idle-seconds': { value: 'N', help: 'silence that ends a session', fallback: '1200' },
  'max-length': { value: 'N', help: 'lines after which a session is cut', fallback: '64' },
  epochs: { value: 'N', help: 'passes over the training windows' },
  seeds: { value: 'N', help: 'runs with other seeds; the median is reported', fallback: '1' },
  alpha: { value: 'A', help: 'share of normal windows that may be flagged', fallback: '0.001' },
  json: { value: 'FILE', help: 'writes the result for programs, too' },
} as const;

const LINES_AT_ONCE = 2_000;

interface Line {
  readonly offset: number;
  readonly value: Uint8Array;
  readonly receivedAtMs: number;
}

type Figures = Readonly<Record<string, SystemFigures>>;

/** Learns from the raw lines before a time, without labels, and judges those after it as production would. */
export async function evaluateStream(argv: readonly string[]): Promise<void> {
  const options = Options.parse('evaluate stream', OPTIONS, argv);
  const head = reportHead('evaluate stream', argv);
  const settings = settingsOf(options);
  const { training, testing, sessionsOfTest } = await split(options, settings);
  const allLabels = readLabels(options.required('test-labels'));
  const labels = new Map([...allLabels].filter(([session]) => sessionsOfTest.has(session)));
  if (labels.size === 0) {
    throw new UsageError('no labelled session begins in the test lines: check --session-key');
  }
  say(
    `${training.length} lines to learn from, ${testing.length} to judge, ${labels.size} sessions`,
  );

  const runs: Figures[] = [];
  const seeds = options.number('seeds', 1, 100) ?? 1;
  for (let seed = 1; seed <= seeds; seed++) {
    runs.push(await runOnce(seed, { options, settings, training, testing, labels }));
    say(`seed ${seed} of ${seeds} done`);
  }

  const median = medianFigures(runs);
  console.log(tableOf(median, labels));
  const file = options.text('json');
  if (file === undefined) return;
  const { combined, ...others } = median;
  const isBaseline = (name: string): boolean => !(CHANNELS as readonly string[]).includes(name);
  const named = Object.entries(others);
  writeReport(file, {
    ...head,
    median: combined,
    seeds: runs.map((run) => run['combined']),
    baselines: Object.fromEntries(named.filter(([name]) => isBaseline(name))),
    ablation: Object.fromEntries(named.filter(([name]) => !isBaseline(name))),
    sessions: { normal: count(labels, false), anomalous: count(labels, true) },
  });
}

function settingsOf(options: Options<typeof OPTIONS>): StreamSettings {
  const pattern = options.text('format');
  return streamSettingsSchema.parse({
    format: pattern === undefined ? { kind: 'auto' } : { kind: 'text', pattern },
    sessionKey: { fields: [], pattern: options.required('session-key') },
    window: {
      kind: 'session',
      idleMs: (options.number('idle-seconds', 0.1, 86_400) ?? 0) * 1_000,
      maxLength: options.number('max-length', 2, 512),
    },
    alertBudget: options.number('alpha', 1e-6, 0.2),
  });
}

async function split(
  options: Options<typeof OPTIONS>,
  settings: StreamSettings,
): Promise<{ training: Line[]; testing: Line[]; sessionsOfTest: ReadonlySet<string> }> {
  const decode = buildDecoder(settings.format, settings.sessionKey);
  const border = options.text('train-before');
  const borderMs = border === undefined ? undefined : Date.parse(border);
  if (Number.isNaN(borderMs)) throw new UsageError(`--train-before: "${border}" is not a time`);
  const encoder = new TextEncoder();
  const receivedAtMs = Date.now();
  const known = new Set<string>();
  const sessionsOfTest = new Set<string>();
  const training: Line[] = [];
  const testing: Line[] = [];

  const take = async (
    file: string,
    isTraining: (timestampMs: number) => boolean,
  ): Promise<void> => {
    for await (const text of readLines(file)) {
      if (text === '') continue;
      const value = encoder.encode(text);
      const { timestampMs, sessionKey } = decode(value, receivedAtMs);
      const part = isTraining(timestampMs) ? training : testing;
      part.push({ offset: part.length, value, receivedAtMs });
      if (sessionKey === undefined) continue;
      if (part === training) known.add(sessionKey);
      else if (!known.has(sessionKey)) sessionsOfTest.add(sessionKey);
    }
  };
  const trainLog = options.required('train-log');
  const testLog = options.required('test-log');
  const isBefore = (timestampMs: number): boolean =>
    borderMs === undefined || timestampMs < borderMs;
  if (trainLog === testLog) {
    if (borderMs === undefined) throw new UsageError('one file for both needs --train-before');
    await take(trainLog, isBefore);
  } else {
    await take(trainLog, isBefore);
    await take(testLog, () => false);
  }
  return { training, testing, sessionsOfTest };
}

interface Run {
  readonly options: Options<typeof OPTIONS>;
  readonly settings: StreamSettings;
  readonly training: readonly Line[];
  readonly testing: readonly Line[];
  readonly labels: ReadonlyMap<string, boolean>;
}

async function runOnce(seed: number, run: Run): Promise<Figures> {
  const { settings, training, testing, labels } = run;
  const epochs = run.options.number('epochs', 1, 500);
  const configuration = configurationSchema.parse({
    training: { seed, ...(epochs === undefined ? {} : { epochs }) },
  });
  const records = (): AsyncGenerator<Line> => each(training);
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
      `${metrics.windows} windows, ${metrics.trimmedWindows} trimmed`,
  );

  const read = await readTrainingWindows(records, settings, () => undefined);
  const firstHeldOut = Math.floor(read.windows.length * 0.7);
  const rules = learnTrivialDetectors(read.windows.slice(0, firstHeldOut)).map((rule) => {
    const heldOut = read.windows
      .slice(firstHeldOut)
      .map((window, index) => rule.score(window, read.novelLines[firstHeldOut + index] ?? 0));
    return {
      ...rule,
      threshold: thresholdFor(heldOut, settings.alertBudget),
      scores: new SessionScores(),
    };
  });

  const bundle = await loadBundle('evaluated', files, openGraph, configuration.detection);
  const detector = new StreamDetector({
    stream: 'evaluated',
    settings,
    detection: configuration.detection,
    bundle,
  });
  const combined = new SessionScores();
  const channels = new Map(CHANNELS.map((channel) => [channel as string, new SessionScores()]));
  const note = ({ judged }: Detected): void => {
    for (const { key, tokens, novelLines, verdict } of judged) {
      combined.note(key, verdict.statistic, verdict.isAnomaly);
      for (const { channel, pValue } of verdict.channels) {
        channels.get(channel)?.note(key, -Math.log(pValue), pValue <= settings.alertBudget);
      }
      for (const rule of rules) {
        const score = rule.score(tokens, novelLines);
        rule.scores.note(key, score, score > rule.threshold);
      }
    }
  };
  for (let start = 0; start < testing.length; start += LINES_AT_ONCE) {
    note(await detector.accept(testing.slice(start, start + LINES_AT_ONCE), Date.now()));
  }
  note(await detector.flush(Date.now()));
  await bundle.close();

  return Object.fromEntries([
    ['combined', combined.figures(labels)],
    ...rules.map(({ name, scores }) => [name, scores.figures(labels)] as const),
    ...[...channels].map(([channel, scores]) => [channel, scores.figures(labels)] as const),
  ]);
}

function medianFigures(runs: readonly Figures[]): Record<string, SystemFigures> {
  const medians: Record<string, SystemFigures> = {};
  for (const name of Object.keys(runs[0] ?? {})) {
    const ordered = runs
      .flatMap((run) => run[name] ?? [])
      .sort((a, b) => a.f1 - b.f1 || a.auroc - b.auroc);
    const middle = ordered[Math.floor((ordered.length - 1) / 2)];
    if (middle) medians[name] = middle;
  }
  return medians;
}

function tableOf(figures: Figures, labels: ReadonlyMap<string, boolean>): string {
  const rows = Object.entries(figures)
    .filter(([, { auroc }]) => !Number.isNaN(auroc))
    .map(
      ([
        name,
        {
          auroc,
          auprc,
          f1,
          precision,
          tpr,
          fpr,
          fprInterval: [low, high],
        },
      ]) => [
        name,
        fraction(auroc),
        fraction(auprc),
        fraction(f1),
        fraction(precision),
        fraction(tpr),
        `${fraction(fpr)} [${fraction(low)}, ${fraction(high)}]`,
      ],
    );
  const head = ['detector', 'AUROC', 'AUPRC', 'F1', 'precision', 'TPR', 'FPR [95 % Wilson]'];
  const counts = `${count(labels, true)} anomalous and ${count(labels, false)} normal sessions`;
  return `${formatTable(head, rows)}\n\n${counts}; nobody's labels were used before the test`;
}

function count(labels: ReadonlyMap<string, boolean>, isAnomalous: boolean): number {
  return [...labels.values()].filter((label) => label === isAnomalous).length;
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

/** Standard output belongs to the table. */
function say(text: string): void {
  console.error(text);
}
