import { Options } from '../reporting/options';
import { type ReportHead, reportHead, writeReport } from '../reporting/report';
import { formatTable } from '../reporting/table';
import { benchPipelineMemory } from './bench-pipeline-memory';
import { mebibytes, median } from './measure';
import {
  jobOptions,
  MODEL_OPTIONS,
  type ModelShape,
  ratioOf,
  type Rounds,
  runJob,
  runTorch,
  shapeOf,
  tellSpeeds,
} from './model-runs';
import {
  type MemoryJob,
  type MemoryUsage,
  memoryUsageSchema,
  type TrainJob,
  type TrainUsage,
  trainUsageSchema,
} from './model-usage';
import { findPeersPython, TORCH } from './peers';

const OPTIONS = {
  ...MODEL_OPTIONS,
  steps: { value: 'N', help: 'timed steps of a run, at least 24', fallback: '48' },
  windows: { value: 'N', help: 'instead: peak memory of training on so many distinct windows' },
  lines: { value: 'N', help: 'with --windows: lines of the longest one', fallback: '20' },
  pipeline: {
    help: 'with --windows: the whole job from them to the bundle, not the network alone',
  },
  different: { value: 'N', help: 'with --pipeline: so many different windows; left out, all are' },
  raw: { help: 'with --pipeline: from the lines of the windows on' },
} as const;

const SHAPES: Readonly<Record<string, ModelShape>> = {
  'H 128, L 2': shapeOf(128, 2, 48),
  'H 256, L 4': shapeOf(256, 4, 24),
};
const TITLES = { ours: 'ours', pytorch: 'PyTorch' };
const MASK_RATIO = 0.3;
const WARMUP_STEPS = 8;

/** How many tokens a second training takes in, and how many PyTorch does with the same network on the same threads. */
export async function benchTrain(argv: readonly string[]): Promise<void> {
  const options = Options.parse('bench train', OPTIONS, argv);
  const head = reportHead('bench train', argv);
  const { runs, threads } = jobOptions(options);
  const windows = options.number('windows', 1, 1e8);
  if (windows !== undefined && options.has('pipeline')) {
    const job = {
      windows,
      distinct: options.number('different', 1, 1e8),
      lines: options.number('lines', 1, 511) ?? 1,
      isRaw: options.has('raw'),
      seed: 1,
    };
    return benchPipelineMemory(job, head, options.text('json'));
  }
  if (windows !== undefined) return benchMemory(options, head, windows);
  const steps = options.number('steps', 24, 10_000) ?? 24;
  const python = options.has('peers')
    ? await findPeersPython(options.text('python'), (step) => console.error(step), TORCH)
    : undefined;

  const measured: Record<string, { ours: TrainUsage[]; pytorch: TrainUsage[] }> = {};
  for (let run = 0; run < runs; run++) {
    for (const [name, shape] of Object.entries(SHAPES)) {
      const job = jobOf(shape, steps, threads, run + 1);
      const { ours, pytorch } = (measured[name] ??= { ours: [], pytorch: [] });
      ours.push(await runJob('train-job', job, trainUsageSchema));
      if (python === undefined) continue;
      pytorch.push(await runTorch(python, 'torch_train.py', job, trainUsageSchema));
    }
  }

  const peers = python === undefined ? [] : ['pytorch'];
  const rounds = mapValues(measured, ({ ours, pytorch }): Rounds => ({
    ours: ours.map(tokensPerSecond),
    ...(python === undefined ? {} : { pytorch: pytorch.map(tokensPerSecond) }),
  }));
  tellSpeeds('tokens/s', rounds, TITLES, peers);

  const file = options.text('json');
  if (file === undefined) return;
  const shapes = mapValues(measured, ({ ours, pytorch }, name) => ({
    ...SHAPES[name],
    ours: figuresOf(ours),
    ...(python === undefined
      ? {}
      : {
          peers: { pytorch: figuresOf(pytorch) },
          ratio: ratioOf(rounds[name] ?? {}, 'ours', 'pytorch'),
        }),
  }));
  writeReport(file, { ...head, runs, steps, threads, shapes });
}

/** The smaller network at the default settings; `windows` are as different as random ones are. */
async function benchMemory(
  options: Options<typeof OPTIONS>,
  head: ReportHead,
  windows: number,
): Promise<void> {
  const { runs, threads } = jobOptions(options);
  const lines = options.number('lines', 1, 511) ?? 1;
  const { architecture } = shapeOf(128, 2, lines + 1);
  const measured: MemoryUsage[] = [];
  for (let seed = 1; seed <= runs; seed++) {
    const job = { architecture, windows, lines, threads, seed } satisfies MemoryJob;
    measured.push(await runJob('memory-job', job, memoryUsageSchema));
  }
  const peakMemoryBytes = Math.max(...measured.map((usage) => usage.peakMemoryBytes));
  const row = [`${windows} of up to ${lines} lines`, mebibytes(peakMemoryBytes)];
  console.log(formatTable(['windows', 'peak memory'], [row]));
  const file = options.text('json');
  if (file === undefined) return;
  const program = measured[0]?.program;
  writeReport(file, { ...head, runs, threads, lines, ours: { windows, peakMemoryBytes, program } });
}

function jobOf(shape: ModelShape, steps: number, threads: number, seed: number): TrainJob {
  return {
    ...shape,
    masked: Math.round((shape.length - 1) * MASK_RATIO),
    steps,
    warmupSteps: WARMUP_STEPS,
    threads,
    learningRate: 0.001,
    weightDecay: 0.01,
    gradientClip: 1,
    hypersphereWeight: 0.1,
    seed,
  };
}

function tokensPerSecond({ tokens, seconds }: TrainUsage): number {
  return tokens / seconds;
}

/** Medians over the runs, and every run. */
function figuresOf(runs: readonly TrainUsage[]): object {
  const memory = runs.flatMap(({ peakMemoryBytes }) => peakMemoryBytes ?? []);
  return {
    tokensPerSecond: median(runs.map(tokensPerSecond)),
    everyTokensPerSecond: runs.map(tokensPerSecond),
    peakMemoryBytes: memory.length === 0 ? null : median(memory),
    program: runs[0]?.program,
  };
}

function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  change: (from: From, key: string) => To,
): Readonly<Record<string, To>> {
  return Object.fromEntries(Object.entries(record).map(([key, from]) => [key, change(from, key)]));
}
