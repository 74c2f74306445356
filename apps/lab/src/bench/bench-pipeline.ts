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
import { findPeersPython, PYTHON_PIPELINE } from './peers';
import { type PipelineJob, type PipelineRun, shareOut } from './pipeline-detectors';
import {
  figuresOf,
  type PeerRun,
  type PeerRuns,
  peerFiguresOf,
  pipelineTable,
  ratioTo,
} from './pipeline-figures';
import { PipelineProcess } from './pipeline-process';
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
 * do, each in a thread of its own. Nothing else runs beside them: the cores are theirs alone, also for the network's operators. Ours
 * have a process for themselves that holds the lines and the model, and memory, CPU and event-loop delay are that process's: the
 * delay is that of its main thread, which only waits for them. The Python program has one process, or as many, which share the
 * lines alike.
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
  const parts = shareOut(all, settings, detectors);
  if (parts.some(({ length }) => length === 0)) {
    throw new UsageError(
      `the lines have too few sessions or services for ${detectors} detectors: give --session-key, or --detectors 1`,
    );
  }
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

  const folder = await mkdtemp(join(tmpdir(), 'logbert-bench-'));
  const alone: PipelineRun[] = [];
  const together: PipelineRun[] = [];
  const peers = (python === undefined ? [] : pythonPeers(detectors)).map((peer) => ({
    peer,
    runs: [] as PeerRun[],
  }));
  const programs = new Set<string>();
  try {
    const whole = await write(join(folder, 'lines.log'), all);
    const logs: WrittenLog[] = [];
    for (const [part, lines] of parts.entries()) {
      logs.push(await write(join(folder, `lines-${part}.log`), lines));
    }
    const { detection } = configuration;
    const jobsOf = (some: readonly WrittenLog[]): readonly PipelineJob[] =>
      some.map((log) => ({
        ...{ ...log, files, settings, detection, batch },
        threads: Math.max(1, Math.floor(cores / some.length)),
      }));
    await using one = new PipelineProcess(jobsOf([whole]));
    await using several = detectors === 1 ? undefined : new PipelineProcess(jobsOf(logs));
    for (let run = 0; run < runs; run++) {
      say(`run ${run + 1} of ${runs}`);
      alone.push(await one.run());
      if (several) together.push(await several.run());
      for (const { peer, runs: past } of peers) {
        const { lines, seconds, peakMemoryBytes, program } = await runPythonPipeline(python ?? '', {
          sources: (peer.processes === 1 ? [whole] : logs).map(({ log }) => ({ file: log })),
          ...{ trainLines, settings, configuration, peer, seed: run + 1 },
        });
        past.push({ seconds, linesPerSecond: lines / seconds, peakMemoryBytes });
        programs.add(program);
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }

  const ours = {
    one: figuresOf(alone),
    ...(detectors > 1 ? { several: figuresOf(together) } : {}),
  };
  const compared = detectors === 1 ? alone : together;
  const titled = {
    'one detector': ours.one,
    ...(ours.several ? { [`${detectors} detectors`]: ours.several } : {}),
  };
  console.log(pipelineTable(titled, peers, compared));
  const file = options.text('json');
  if (file === undefined) return;
  const byName = <T>(figure: (peer: PeerRuns) => T) =>
    Object.fromEntries(peers.map((peer) => [peer.peer.name, figure(peer)]));
  const withPeers = {
    peers: byName(peerFiguresOf),
    ratio: byName((peer) => ratioTo(peer, compared)),
    programs: [...programs].sort(),
  };
  const report = { ours, runs, detectors };
  writeReport(file, { ...head, ...report, ...(python === undefined ? {} : withPeers) });
}

async function load(file: string): Promise<readonly Uint8Array[]> {
  const encoder = new TextEncoder();
  const lines: Uint8Array[] = [];
  for await (const text of readLines(file)) {
    if (text.trim() !== '') lines.push(encoder.encode(text));
  }
  if (lines.length === 0) throw new UsageError(`${file}: there is no line in it`);
  return lines;
}

type WrittenLog = Pick<PipelineJob, 'log' | 'lines'>;

async function write(log: string, lines: readonly Uint8Array[]): Promise<WrittenLog> {
  const chunks = function* () {
    for (const value of lines) yield Buffer.concat([value, Buffer.from('\n')]);
  };
  await pipeline(Readable.from(chunks()), createWriteStream(log));
  return { log, lines: lines.length };
}
