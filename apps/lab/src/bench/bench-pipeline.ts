import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { configurationSchema, streamSettingsSchema } from '@logbert/contracts';
import { openGraph } from '@logbert/graph-runner';
import { trainStream } from '@logbert/pipeline';
import { readLines } from '../reading/read-lines';
import { Options, UsageError } from '../reporting/options';
import { reportHead, writeReport } from '../reporting/report';
import { formatTable } from '../reporting/table';
import { median, medianOf, speed } from './measure';
import { findPeersPython, PYTHON_PIPELINE } from './peers';
import {
  PipelineDetectors,
  type PipelineJob,
  type PipelineRun,
  shareOut,
} from './pipeline-detectors';
import { pythonPeers, runPythonPipeline } from './python-pipeline';

const OPTIONS = {
  log: { value: 'FILE', help: 'raw lines, .gz or not', isRequired: true },
  'session-key': { value: 'REGEX', help: 'finds the session key in a message' },
  format: { value: 'PATTERN', help: 'header of a line' },
  'train-lines': { value: 'N', help: 'lines the model is trained on', fallback: '30000' },
  detectors: { value: 'N', help: 'side by side; left out, one a core' },
  runs: { value: 'N', help: 'runs; the median is reported', fallback: '3' },
  batch: { value: 'N', help: 'lines handed over at once', fallback: '2000' },
  peers: { help: 'runs drain3 and PyTorch beside ours, in turns' },
  python: { value: 'PATH', help: 'a Python with torch and drain3 (or LOGBERT_PEERS_PYTHON)' },
  json: { value: 'FILE', help: 'writes the result for programs, too' },
} as const;

const configuration = configurationSchema.parse({});

/**
 * How many raw lines a second go all the way to a decision: by one detector, and by several that share the lines as partitions
 * do, each in a thread of its own. Nothing else runs beside them: the cores are theirs alone, also for the network's operators. The
 * Python program has one process, or as many, which share the lines alike.
 */
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
  const cores = availableParallelism();
  const detectors = options.number('detectors', 1, 64) ?? cores;
  const runs = options.number('runs', 1, 100) ?? 1;
  const batch = options.number('batch', 1, 100_000) ?? 2_000;
  const say = (step: string) => console.error(step);
  const python = options.has('peers')
    ? await findPeersPython(options.text('python'), say, PYTHON_PIPELINE)
    : undefined;
  say('learning what is normal');
  const { files } = await trainStream({
    records: async function* () {
      for (const value of all.slice(0, trainLines)) yield { value, receivedAtMs: 0 };
    },
    settings,
    training: { ...configuration.training, epochs: 3 },
    detection: configuration.detection,
    openGraph,
    now: () => performance.now(),
  });

  const { detection } = configuration;
  const threadsOf = (parts: number): number => Math.max(1, Math.floor(cores / parts));
  const jobsOf = (parts: number): readonly PipelineJob[] =>
    shareOut(all, settings, parts).map((lines) => ({
      ...{ lines, files, settings, detection, batch, threads: threadsOf(parts) },
    }));
  const parts = jobsOf(detectors);
  if (parts.some(({ lines }) => lines.length === 0)) {
    throw new UsageError(
      `the lines have too few sessions or services for ${detectors} detectors: give --session-key, or --detectors 1`,
    );
  }
  const folder = await mkdtemp(join(tmpdir(), 'logbert-bench-'));
  const alone: PipelineRun[] = [];
  const together: PipelineRun[] = [];
  const peers = (python === undefined ? [] : pythonPeers(detectors)).map((peer) => ({
    ...peer,
    linesPerSecond: [] as number[],
  }));
  const programs = new Set<string>();
  try {
    await using one = new PipelineDetectors(jobsOf(1));
    await using several = detectors === 1 ? undefined : new PipelineDetectors(parts);
    const logs = parts.map((_, part) => join(folder, `lines-${part}.log`));
    const whole = join(folder, 'lines.log');
    if (python !== undefined) {
      for (const [part, { lines }] of parts.entries()) await write(logs[part] ?? '', lines);
      await write(whole, all);
    }
    for (let run = 0; run < runs; run++) {
      say(`run ${run + 1} of ${runs}`);
      alone.push(await one.run());
      if (several) together.push(await several.run());
      for (const peer of peers) {
        const { lines, seconds, program } = await runPythonPipeline(python ?? '', {
          sources: (peer.processes === 1 ? [whole] : logs).map((file) => ({ file })),
          ...{ trainLines, settings, configuration, peer, seed: run + 1 },
        });
        peer.linesPerSecond.push(lines / seconds);
        programs.add(program);
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }

  const compared = detectors === 1 ? alone : together;
  const ratioTo = (speeds: readonly number[]): number =>
    median(speeds.map((theirs, run) => (compared[run]?.linesPerSecond ?? NaN) / theirs));
  const ours = {
    one: summaryOf(alone),
    ...(detectors > 1 ? { several: summaryOf(together) } : {}),
  };
  const rowOf = (title: string, { linesPerSecond, windowsPerSecond }: Summary) => [
    ...[title, speed(linesPerSecond), '', speed(windowsPerSecond)],
  ];
  const rows = [
    rowOf('one detector', ours.one),
    ...(ours.several ? [rowOf(`${detectors} detectors`, ours.several)] : []),
    ...peers.map(({ title, linesPerSecond }) => [
      title,
      speed(median(linesPerSecond)),
      ratioTo(linesPerSecond).toFixed(2),
    ]),
  ];
  console.log(formatTable(['raw bytes to decisions', 'lines/s', 'ratio', 'windows/s'], rows));
  const file = options.text('json');
  if (file === undefined) return;
  const report = { ours, runs, detectors };
  const figuresOf = (figure: (speeds: readonly number[]) => number) =>
    Object.fromEntries(peers.map(({ name, linesPerSecond }) => [name, figure(linesPerSecond)]));
  const withPeers = {
    peers: figuresOf(median),
    ratio: figuresOf(ratioTo),
    programs: [...programs].sort(),
  };
  writeReport(file, { ...head, ...report, ...(python === undefined ? {} : withPeers) });
}

type Summary = Record<'linesPerSecond' | 'windowsPerSecond', number>;

/** Of the run with the median speed. */
function summaryOf(runs: readonly PipelineRun[]): Summary {
  const { seconds, linesPerSecond, windows } = medianOf(runs);
  return { linesPerSecond, windowsPerSecond: windows / seconds };
}

async function load(file: string): Promise<readonly Uint8Array[]> {
  const encoder = new TextEncoder();
  const lines: Uint8Array[] = [];
  for await (const text of readLines(file)) if (text !== '') lines.push(encoder.encode(text));
  if (lines.length === 0) throw new UsageError(`${file}: there is no line in it`);
  return lines;
}

async function write(file: string, lines: readonly Uint8Array[]): Promise<void> {
  const chunks = function* () {
    for (const value of lines) yield Buffer.concat([value, Buffer.from('\n')]);
  };
  await pipeline(Readable.from(chunks()), createWriteStream(file));
}
