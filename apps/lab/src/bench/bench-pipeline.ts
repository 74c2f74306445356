import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type BundleFile, configurationSchema, streamSettingsSchema } from '@logbert/contracts';
import { openGraph } from '@logbert/graph-runner';
import { loadBundle, StreamDetector, trainStream } from '@logbert/pipeline';
import { readLines } from '../reading/read-lines';
import { Options, UsageError } from '../reporting/options';
import { reportHead, writeReport } from '../reporting/report';
import { formatTable } from '../reporting/table';
import { measure, mebibytes, median, medianOf, type Measurement, speed } from './measure';
import { findPeersPython, PYTHON_PIPELINE } from './peers';
import { PYTHON_PIPELINES, type PythonPipeline, runPythonPipeline } from './python-pipeline';

const OPTIONS = {
  log: { value: 'FILE', help: 'raw lines, .gz or not', isRequired: true },
  'session-key': { value: 'REGEX', help: 'finds the session key in a message' },
  format: { value: 'PATTERN', help: 'header of a line' },
  'train-lines': { value: 'N', help: 'lines the model is trained on', fallback: '30000' },
  runs: { value: 'N', help: 'runs; the median is reported', fallback: '3' },
  batch: { value: 'N', help: 'lines handed over at once', fallback: '2000' },
  peers: { help: 'runs drain3 and PyTorch beside ours, in turns' },
  python: { value: 'PATH', help: 'a Python with torch and drain3 (or LOGBERT_PEERS_PYTHON)' },
  json: { value: 'FILE', help: 'writes the result for programs, too' },
} as const;

const configuration = configurationSchema.parse({});

interface Line {
  readonly offset: number;
  readonly value: Uint8Array;
  readonly receivedAtMs: number;
}

/** How many raw lines a second one detector takes all the way to a decision. */
export async function benchPipeline(argv: readonly string[]): Promise<void> {
  const options = Options.parse('bench pipeline', OPTIONS, argv);
  const head = reportHead('bench pipeline', argv);
  const pattern = options.text('format');
  const sessionKey = options.text('session-key');
  const settings = streamSettingsSchema.parse({
    format: pattern === undefined ? { kind: 'auto' } : { kind: 'text', pattern },
    ...(sessionKey === undefined ? {} : { sessionKey: { fields: [], pattern: sessionKey } }),
  });
  const all = await load(options.required('log'));
  const trainLines = options.number('train-lines', 100, 1e9) ?? all.length;
  const runs = options.number('runs', 1, 100) ?? 1;
  const batch = options.number('batch', 1, 100_000) ?? 2_000;
  const python = options.has('peers')
    ? await findPeersPython(options.text('python'), (step) => console.error(step), PYTHON_PIPELINE)
    : undefined;
  const { files } = await trainStream({
    records: async function* () {
      yield* all.slice(0, trainLines);
    },
    settings,
    training: { ...configuration.training, epochs: 3 },
    detection: configuration.detection,
    openGraph,
    now: () => performance.now(),
  });

  const folder = await mkdtemp(join(tmpdir(), 'logbert-bench-'));
  const ours: (Measurement & { readonly windows: number })[] = [];
  const theirs: Record<PythonPipeline, number[]> = { python: [], pythonRemembering: [] };
  const programs = new Set<string>();
  try {
    const log = join(folder, 'lines.log');
    if (python !== undefined) await write(log, all);
    for (let run = 0; run < runs; run++) {
      ours.push(await runOurs(all, files, settings, batch));
      if (python === undefined) continue;
      for (const peer of PYTHON_PIPELINES) {
        const job = { log, trainLines, settings, configuration, seed: run + 1, peer };
        const usage = await runPythonPipeline(python, job);
        theirs[peer].push(usage.lines / usage.seconds);
        programs.add(usage.program);
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }

  const usual = medianOf(ours);
  const { seconds, linesPerSecond, memoryBytes } = usual;
  const windowsPerSecond = (ours.find((one) => one.seconds === seconds)?.windows ?? NaN) / seconds;
  const ratios = Object.fromEntries(
    PYTHON_PIPELINES.map((peer) => [
      peer,
      median(theirs[peer].map((one, run) => (ours[run]?.linesPerSecond ?? NaN) / one)),
    ]),
  ) as Record<PythonPipeline, number>;
  const rows = [
    ['one detector', speed(linesPerSecond), '', speed(windowsPerSecond), mebibytes(memoryBytes)],
    ...(python === undefined ? [] : PYTHON_PIPELINES).map((peer) => [
      TITLES[peer],
      speed(median(theirs[peer])),
      ratios[peer].toFixed(2),
    ]),
  ];
  console.log(
    formatTable(['raw bytes to decisions', 'lines/s', 'ratio', 'windows/s', 'memory'], rows),
  );
  const file = options.text('json');
  if (file === undefined) return;
  const report = { ours: { linesPerSecond, windowsPerSecond, memoryBytes }, runs };
  const peers = Object.fromEntries(
    PYTHON_PIPELINES.map((peer) => [peer, { linesPerSecond: median(theirs[peer]) }]),
  );
  const withPeers =
    python === undefined ? {} : { peers, ratio: ratios, programs: [...programs].sort() };
  writeReport(file, { ...head, ...report, ...withPeers });
}

const TITLES: Readonly<Record<PythonPipeline, string>> = {
  python: 'drain3 and PyTorch',
  pythonRemembering: 'the same, equal windows once',
};

async function runOurs(
  all: readonly Line[],
  files: Readonly<Record<BundleFile, Uint8Array>>,
  settings: ReturnType<typeof streamSettingsSchema.parse>,
  batch: number,
): Promise<Measurement & { readonly windows: number }> {
  const { detection } = configuration;
  const bundle = await loadBundle('measured', files, openGraph, detection);
  const detector = new StreamDetector({ stream: 'measured', settings, detection, bundle });
  let windows = 0;
  const measured = await measure(all.length, async () => {
    for (let start = 0; start < all.length; start += batch) {
      const detected = await detector.accept(all.slice(start, start + batch), Date.now());
      windows += detected.windows;
    }
    windows += (await detector.flush(Date.now())).windows;
  });
  await bundle.close();
  return { ...measured, windows };
}

async function load(file: string): Promise<readonly Line[]> {
  const encoder = new TextEncoder();
  const lines: Line[] = [];
  for await (const text of readLines(file)) {
    if (text !== '')
      lines.push({ offset: lines.length, value: encoder.encode(text), receivedAtMs: 0 });
  }
  if (lines.length === 0) throw new UsageError(`${file}: there is no line in it`);
  return lines;
}

async function write(file: string, lines: readonly Line[]): Promise<void> {
  const chunks = function* () {
    for (const { value } of lines) yield Buffer.concat([value, Buffer.from('\n')]);
  };
  await pipeline(Readable.from(chunks()), createWriteStream(file));
}
