import { configurationSchema, streamSettingsSchema } from '@logbert/contracts';
import { openGraph } from '@logbert/graph-runner';
import { loadBundle, StreamDetector, trainStream } from '@logbert/pipeline';
import { readLines } from '../reading/read-lines';
import { Options, UsageError } from '../reporting/options';
import { reportHead, writeReport } from '../reporting/report';
import { formatTable } from '../reporting/table';
import { InterleavedSessions } from './interleaved-sessions';
import { mebibytes, median, speed } from './measure';

const OPTIONS = {
  log: { value: 'FILE', help: 'raw lines, .gz or not', isRequired: true },
  'session-key': { value: 'REGEX', help: 'finds the session key in a line', isRequired: true },
  format: { value: 'PATTERN', help: 'header of a line' },
  few: { value: 'N', help: 'open sessions, and', fallback: '1000' },
  many: { value: 'N', help: 'open sessions that it is compared with', fallback: '100000' },
  lines: { value: 'N', help: 'lines that are timed', fallback: '300000' },
  'train-lines': { value: 'N', help: 'lines the model is trained on', fallback: '30000' },
  runs: { value: 'N', help: 'of each, in turns', fallback: '3' },
  json: { value: 'FILE', help: 'writes the result for programs, too' },
} as const;

/** Silence that completes a session; between two lines of one there is a little less. */
const IDLE_MS = 60_000;
const PAUSE_MS = 48_000;
const LINES_AT_ONCE = 2_000;
/** Before them neither the program nor its cache of windows is warm. */
const WARM_SESSIONS = 20_000;
/** Beside the open ones, those that are over and wait for the silence to pass. */
const ROOM = 2;

/** How much slower detection is with very many sessions open: the same log, few or many of its sessions at once. */
export async function benchSessions(argv: readonly string[]): Promise<void> {
  const options = Options.parse('bench sessions', OPTIONS, argv);
  const head = reportHead('bench sessions', argv);
  const pattern = options.text('format');
  const settings = streamSettingsSchema.parse({
    format: pattern === undefined ? { kind: 'auto' } : { kind: 'text', pattern },
    sessionKey: { fields: [], pattern: options.required('session-key') },
  });
  const few = options.number('few', 1, 1e7) ?? 1_000;
  const many = options.number('many', 1, 1e7) ?? 100_000;
  const lines = options.number('lines', LINES_AT_ONCE, 1e9) ?? 300_000;
  const runs = options.number('runs', 1, 100) ?? 1;
  const { detection, training } = configurationSchema.parse({
    detection: { maxOpenWindows: ROOM * Math.max(few, many) },
  });
  const texts: string[] = [];
  for await (const text of readLines(options.required('log'))) if (text !== '') texts.push(text);
  if (texts.length === 0) throw new UsageError('there is no line in the log');

  const live = streamSettingsSchema.parse({
    ...settings,
    format: { kind: 'json' },
    window: { kind: 'session', idleMs: IDLE_MS },
  });
  const interleaved = (open: number) =>
    new InterleavedSessions(texts, settings, { open, pauseMs: PAUSE_MS, fromMs: 0 });
  const encoder = new TextEncoder();
  const recordsOf = (written: readonly string[], from: number) =>
    written.map((text, place) => ({
      offset: from + place,
      value: encoder.encode(text),
      receivedAtMs: 0,
    }));
  const trainLines = options.number('train-lines', 100, 1e9) ?? texts.length;
  const { files } = await trainStream({
    records: async function* () {
      yield* recordsOf(interleaved(few).take(trainLines), 0);
    },
    settings: live,
    training: { ...training, epochs: 3 },
    detection,
    openGraph,
    now: () => performance.now(),
  });

  const run = async (open: number): Promise<Run> => {
    const bundle = await loadBundle('measured', files, openGraph, detection);
    const detector = new StreamDetector({ stream: 'measured', settings: live, detection, bundle });
    const sessions = interleaved(open);
    let [written, timed, timedMs] = [0, 0, 0];
    while (timed < lines) {
      // Until sessions begin and end at any time nothing is timed.
      const isSteady = sessions.begun >= Math.max(2 * open, WARM_SESSIONS);
      const records = recordsOf(sessions.take(LINES_AT_ONCE), written);
      const startedAt = performance.now();
      await detector.accept(records, Date.now());
      written += LINES_AT_ONCE;
      if (!isSteady) continue;
      timedMs += performance.now() - startedAt;
      timed += LINES_AT_ONCE;
    }
    const { openWindows } = detector;
    await bundle.close();
    const memoryBytes = process.memoryUsage.rss();
    return { linesPerSecond: (timed * 1_000) / timedMs, openWindows, memoryBytes };
  };
  const [withFew, withMany]: [Run[], Run[]] = [[], []];
  for (let turn = 0; turn < runs; turn++) {
    withMany.push(await run(many));
    withFew.push(await run(few));
  }
  const share = median(
    withMany.map(
      ({ linesPerSecond }, turn) => linesPerSecond / (withFew[turn]?.linesPerSecond ?? NaN),
    ),
  );
  const rowOf = (of: readonly Run[]) => [
    String(of.at(-1)?.openWindows ?? 0),
    speed(median(of.map(({ linesPerSecond }) => linesPerSecond))),
    mebibytes(Math.max(...of.map(({ memoryBytes }) => memoryBytes))),
  ];
  console.log(
    formatTable(
      ['open sessions', 'lines/s', 'memory', 'share'],
      [
        [...rowOf(withFew), ''],
        [...rowOf(withMany), share.toFixed(2)],
      ],
    ),
  );
  const file = options.text('json');
  if (file === undefined) return;
  writeReport(file, { ...head, runs, lines, ours: { share, withFew, withMany } });
}

interface Run {
  readonly linesPerSecond: number;
  /** At the end. */
  readonly openWindows: number;
  readonly memoryBytes: number;
}
