import { Options } from '../reporting/options';
import { reportHead, writeReport } from '../reporting/report';
import { prepareComparison, SESSION_OPTIONS } from './compare-precisions';
import { median } from './measure';
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
import { type ScoreJob, type ScoreUsage, scoreUsageSchema } from './model-usage';
import { findPeersPython, TORCH } from './peers';

const OPTIONS = { ...MODEL_OPTIONS, ...SESSION_OPTIONS } as const;

/** Windows are as many as take some tenths of a second. */
const SHAPES: Readonly<Record<string, ModelShape & { readonly windows: number }>> = {
  'H 128, L 2': { ...shapeOf(128, 2, 48), windows: 1_024 },
  'H 256, L 4': { ...shapeOf(256, 4, 64), windows: 128 },
};
const PRECISIONS = ['fp32', 'int8'] as const;

/** A program and how it uses the threads: all for one operator, or each for a scorer of its own, as detector threads do. */
interface Way {
  readonly title: string;
  readonly isApart?: boolean;
}

const OURS: Readonly<Record<string, Way & { readonly precision: ScoreJob['precision'] }>> = {
  fp32: { title: 'ours, fp32', precision: 'fp32' },
  fp32Apart: { title: 'ours, fp32, scorers apart', precision: 'fp32', isApart: true },
  int8: { title: 'ours, int8', precision: 'int8' },
  int8Apart: { title: 'ours, int8, scorers apart', precision: 'int8', isApart: true },
};
/** PyTorch's fused layer, and our own blocks around its attention kernel, the last of which goes on with the wanted rows only. */
const PEERS: Readonly<Record<string, Way & { readonly path: 'fused' | 'attention' }>> = {
  pytorchFused: { title: 'PyTorch', path: 'fused' },
  pytorchFusedApart: { title: 'PyTorch, apart', path: 'fused', isApart: true },
  pytorchAttention: { title: 'PyTorch, own blocks', path: 'attention' },
};
const TITLES = Object.fromEntries(
  Object.entries({ ...OURS, ...PEERS }).map(([name, { title }]) => [name, title]),
);
/** Sequences at once of which PyTorch takes those that are fastest; ours takes what fits the caches. */
const BATCHES = [8, 16, 32, 64];
const PASSES = 4;
const ALTERNATIVES = 5;

/** How many windows a second are scored, without any cache, and how many PyTorch does with the same network. */
export async function benchScore(argv: readonly string[]): Promise<void> {
  const options = Options.parse('bench score', OPTIONS, argv);
  const head = reportHead('bench score', argv);
  const { runs, threads } = jobOptions(options);
  const compare = prepareComparison(options, PRECISIONS);
  const python = options.has('peers')
    ? await findPeersPython(options.text('python'), (step) => console.error(step), TORCH)
    : undefined;

  const { speeds, programs } = await measureInTurns(runs, threads, python);
  const peers = python === undefined ? [] : Object.keys(PEERS);
  tellSpeeds('windows/s', speeds, TITLES, peers);
  const precisions = await compare?.();

  const file = options.text('json');
  if (file === undefined) return;
  const figuresOf = (name: string, every: readonly number[]): object => ({
    windowsPerSecond: median(every),
    everyWindowsPerSecond: every,
    program: programs[name],
  });
  const shapes = Object.entries(speeds).map(([shape, rounds]) => {
    const ofNames = (names: readonly string[]) =>
      Object.fromEntries(names.map((name) => [name, figuresOf(name, rounds[name] ?? [])]));
    const ratio = Object.keys(OURS).map((name) => [
      name,
      Object.fromEntries(peers.map((peer) => [peer, ratioOf(rounds, name, peer)])),
    ]);
    const withPeers =
      peers.length === 0 ? {} : { peers: ofNames(peers), ratio: Object.fromEntries(ratio) };
    const { architecture, length, windows } = SHAPES[shape] ?? {};
    return [
      shape,
      { architecture, length, windows, ours: ofNames(Object.keys(OURS)), ...withPeers },
    ];
  });
  const report = {
    passes: PASSES,
    shapes: Object.fromEntries(shapes),
    ...(precisions ? { precisions } : {}),
  };
  writeReport(file, { ...head, runs, threads, ...report });
}

type Run = Promise<ScoreUsage>;

/** One run of each program after the other, so that a busy machine slows all alike. */
async function measureInTurns(
  runs: number,
  threads: number,
  python: string | undefined,
): Promise<{
  readonly speeds: Readonly<Record<string, Rounds>>;
  readonly programs: Readonly<Record<string, string>>;
}> {
  const speeds: Record<string, Record<string, number[]>> = {};
  const programs: Record<string, string> = {};
  for (let run = 0; run < runs; run++) {
    for (const [shape, sizes] of Object.entries(SHAPES)) {
      const rounds = (speeds[shape] ??= {});
      const note = async (name: string, { isApart }: Way, run: (threads: number) => Run) => {
        const each = isApart ? 1 : threads;
        const usages = await Promise.all(Array.from({ length: threads / each }, () => run(each)));
        const speed = usages.reduce((sum, { windows, seconds }) => sum + windows / seconds, 0);
        (rounds[name] ??= []).push(speed);
        programs[name] = usages.map(({ program }) => program)[0] ?? '';
      };
      for (const [name, ours] of Object.entries(OURS)) {
        await note(name, ours, (each) => {
          const job = jobOf(sizes, ours.precision, each, run + 1);
          return runJob('score-job', job, scoreUsageSchema);
        });
      }
      if (python === undefined) continue;
      for (const [name, peer] of Object.entries(PEERS)) {
        await note(name, peer, (each) => {
          const job = { ...jobOf(sizes, 'fp32', each, run + 1), batches: BATCHES, path: peer.path };
          return runTorch(python, 'torch_score.py', job, scoreUsageSchema);
        });
      }
    }
  }
  return { speeds, programs };
}

function jobOf(
  { architecture, length, windows }: ModelShape & { readonly windows: number },
  precision: ScoreJob['precision'],
  threads: number,
  seed: number,
): ScoreJob {
  const sizes = { architecture, length, windows, passes: PASSES };
  return { ...sizes, precision, alternatives: ALTERNATIVES, threads, seed };
}
