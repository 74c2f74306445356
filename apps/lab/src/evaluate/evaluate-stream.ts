import {
  configurationSchema,
  MAX_SESSION_LINES,
  type StreamSettings,
  streamSettingsSchema,
} from '@logbert/contracts';
import { buildDecoder } from '@logbert/log-records';
import { type Labels, readLabelLists, readLabels } from '../reading/read-labels';
import { readLines } from '../reading/read-lines';
import { Options, UsageError } from '../reporting/options';
import { reportHead, writeReport } from '../reporting/report';
import { type EarlyFigures, earlySentence } from './early-verdicts';
import { falseAlertSentence, type FalseAlertSteps } from './false-alert-course';
import { type Figures, figuresTable, medianFigures, reportOf } from './figures';
import { SEEDS_OPTION, seedsOf } from './seeds';
import { type Line, runStream } from './stream-run';

const DEFAULTS = streamSettingsSchema.parse({});

/** Lines that tell no time arrive at this pace, so that silence can end their sessions as it does in production. */
const LINE_PERIOD_MS = 100;

const OPTIONS = {
  'train-log': { value: 'FILE', help: 'raw lines to learn from, .gz or not', isRequired: true },
  'test-log': { value: 'FILE', help: 'raw lines to judge; may be the same file', isRequired: true },
  'test-labels': { value: 'FILE', help: 'truth, CSV: session key, …, label' },
  'normal-ids': {
    value: 'FILE',
    help: 'or, with the next: CSV of normal sessions, the key first; may come several times',
    isRepeatable: true,
  },
  'anomalous-ids': { value: 'FILE', help: 'the same of anomalous ones', isRepeatable: true },
  'session-key': { value: 'REGEX', help: 'finds the session key in a message', isRequired: true },
  format: {
    value: 'PATTERN',
    help: 'header of a line, such as "<Date> <Time> <Level>: <Content>"',
  },
  templates: {
    value: 'ENGINE',
    help: 'how lines are grouped: flexible or drain',
    fallback: DEFAULTS.templates.engine,
  },
  'train-before': { value: 'TIME', help: 'learn from lines before it, judge the others' },
  'train-lines': { value: 'N', help: 'learn from the first N lines, judge the others' },
  'idle-seconds': {
    value: 'N',
    help: 'silence that ends a session; left out, it is learnt from the lines',
  },
  'max-length': {
    value: 'N',
    help: 'lines after which a session is cut',
    fallback: String(MAX_SESSION_LINES),
  },
  adapt: { help: 'trains again each time the lines to learn from have doubled' },
  epochs: { value: 'N', help: 'passes over the training windows' },
  ...SEEDS_OPTION,
  alpha: {
    value: 'A',
    help: 'share of normal windows that may be flagged',
    fallback: String(DEFAULTS.alertBudget),
  },
  json: { value: 'FILE', help: 'writes the result for programs, too' },
} as const;

/** Learns from the raw lines before a time, without labels, and judges those after it as production would. */
export async function evaluateStream(argv: readonly string[]): Promise<void> {
  const options = Options.parse('evaluate stream', OPTIONS, argv);
  const head = reportHead('evaluate stream', argv);
  const settings = settingsOf(options);
  const allLabels = labelsOf(options);
  const { training, testing, sessionsOfTest } = await split(options, settings);
  const labels = new Map([...allLabels].filter(([session]) => sessionsOfTest.has(session)));
  if (labels.size === 0) {
    throw new UsageError('no labelled session begins in the test lines: check --session-key');
  }
  say(
    `${training.length} lines to learn from, ${testing.length} to judge, ${labels.size} sessions`,
  );

  const epochs = options.number('epochs', 1, 500);
  const runs: Figures[] = [];
  const early: EarlyFigures[] = [];
  const falseAlerts: FalseAlertSteps[] = [];
  const seeds = seedsOf(options);
  for (let seed = 1; seed <= seeds; seed++) {
    const configuration = configurationSchema.parse({
      training: { seed, ...(epochs === undefined ? {} : { epochs }) },
    });
    const isAdapting = options.has('adapt');
    const run = { settings, configuration, training, testing, labels, isAdapting, say };
    const came = await runStream(run);
    runs.push(came.figures);
    if (came.early) early.push(came.early);
    falseAlerts.push(came.falseAlerts);
    say(`seed ${seed} of ${seeds} done`);
  }

  const normal = count(labels, false);
  const anomalous = count(labels, true);
  console.log(figuresTable(medianFigures(runs)));
  for (const one of early) console.log(`\n${earlySentence(one)}`);
  // Seeds differ little here.
  for (const one of new Set(falseAlerts.map(falseAlertSentence))) console.log(`\n${one}`);
  console.log(
    `\n${anomalous} anomalous and ${normal} normal sessions; no label was used before the test, and in it only by the oracle`,
  );
  const file = options.text('json');
  if (file === undefined) return;
  writeReport(file, {
    ...head,
    ...reportOf(runs),
    early,
    falseAlerts,
    sessions: { normal, anomalous },
  });
}

function labelsOf(options: Options<typeof OPTIONS>): Labels {
  const file = options.text('test-labels');
  const [normal, anomalous] = [options.texts('normal-ids'), options.texts('anomalous-ids')];
  const hasLists = normal.length > 0 && anomalous.length > 0;
  if (
    (file === undefined) !== hasLists ||
    (file !== undefined && normal.length + anomalous.length > 0)
  ) {
    throw new UsageError('give either --test-labels, or --normal-ids and --anomalous-ids');
  }
  return file === undefined ? readLabelLists(normal, anomalous) : readLabels(file);
}

function settingsOf(options: Options<typeof OPTIONS>): StreamSettings {
  const pattern = options.text('format');
  const idleSeconds = options.number('idle-seconds', 0.1, 86_400);
  return streamSettingsSchema.parse({
    format: pattern === undefined ? { kind: 'auto' } : { kind: 'text', pattern },
    templates: { engine: options.text('templates') },
    sessionKey: { fields: [], pattern: options.required('session-key') },
    window: {
      kind: 'session',
      ...(idleSeconds === undefined ? {} : { idleMs: idleSeconds * 1_000 }),
      maxLength: options.number('max-length', 2, MAX_SESSION_LINES),
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
  const firstLines = options.number('train-lines', 1, 1e9);
  const encoder = new TextEncoder();
  const nowMs = Date.now();
  const known = new Set<string>();
  const sessionsOfTest = new Set<string>();
  const training: Line[] = [];
  const testing: Line[] = [];

  const take = async (
    file: string,
    isTraining: (timestampMs: number, line: number) => boolean,
  ): Promise<void> => {
    for await (const text of readLines(file)) {
      if (text.trim() === '') continue;
      const value = encoder.encode(text);
      const line = training.length + testing.length;
      const { timestampMs, sessionKey } = decode(value, nowMs);
      const part = isTraining(timestampMs, line) ? training : testing;
      part.push({ offset: part.length, value, receivedAtMs: nowMs });
      if (sessionKey === undefined) continue;
      if (part === training) known.add(sessionKey);
      else if (!known.has(sessionKey)) sessionsOfTest.add(sessionKey);
    }
  };
  const trainLog = options.required('train-log');
  const testLog = options.required('test-log');
  const isBefore = (timestampMs: number, line: number): boolean =>
    (borderMs === undefined || timestampMs < borderMs) &&
    (firstLines === undefined || line < firstLines);
  if (trainLog === testLog) {
    if (borderMs === undefined && firstLines === undefined) {
      throw new UsageError('one file for both needs --train-before or --train-lines');
    }
    await take(trainLog, isBefore);
  } else {
    await take(trainLog, isBefore);
    await take(testLog, () => false);
  }
  const lines = training.length + testing.length;
  const arrived = (first: number, part: readonly Line[]): Line[] =>
    part.map((line, index) => ({
      ...line,
      receivedAtMs: nowMs - (lines - first - index) * LINE_PERIOD_MS,
    }));
  return {
    training: arrived(0, training),
    testing: arrived(training.length, testing),
    sessionsOfTest,
  };
}

function count(labels: Labels, isAnomalous: boolean): number {
  return [...labels.values()].filter((label) => label === isAnomalous).length;
}

/** Standard output belongs to the table. */
function say(text: string): void {
  console.error(text);
}
