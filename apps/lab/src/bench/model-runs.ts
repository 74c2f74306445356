import { dirname, join } from 'node:path';
import type { Architecture } from '@logbert/logbert';
import type { z } from 'zod';
import type { Options } from '../reporting/options';
import { formatTable } from '../reporting/table';
import { median, speed } from './measure';
import { peersFolder } from './peers';
import { runMeasured } from './run-measured';

/** Options of both measurements of the model. */
export const MODEL_OPTIONS = {
  runs: { value: 'N', help: 'runs of each program, in turns', fallback: '5' },
  threads: { value: 'N', help: 'threads of one operator, of all programs', fallback: '2' },
  peers: { help: 'runs PyTorch beside ours, in turns' },
  python: { value: 'PATH', help: 'a Python with torch (or LOGBERT_PEERS_PYTHON)' },
  json: { value: 'FILE', help: 'writes the result for programs, too' },
} as const;

/** A network, and the sequences it computes at once. */
export interface ModelShape {
  readonly architecture: Architecture;
  readonly batch: number;
  /** Positions of a sequence, `[DIST]` included. */
  readonly length: number;
}

/** Log keys and the special tokens of the networks that are measured. */
const VOCABULARY_SIZE = 50;

export function shapeOf(hidden: number, layers: number, length: number): ModelShape {
  const architecture = {
    vocabularySize: VOCABULARY_SIZE,
    hidden,
    layers,
    heads: 4,
    feedForward: 2 * hidden,
    maxLength: length,
    dropout: 0.1,
  };
  return { architecture, batch: 64, length };
}

/** Runs one of our own measurements; its program stands beside the command's own. */
export function runJob<Schema extends z.ZodType>(
  name: 'train-job' | 'score-job' | 'memory-job' | 'pipeline-memory-job',
  job: object,
  schema: Schema,
): Promise<z.output<Schema>> {
  const program = join(dirname(process.argv[1] ?? ''), `${name}.js`);
  return runMeasured(process.execPath, [program, JSON.stringify(job)], schema);
}

/**
 * Runs a program of PyTorch. Its threads sleep while they wait, as ours do: spinning wins nothing on an idle machine, and on
 * a busy one it slows PyTorch by an order of magnitude.
 */
export function runTorch<Schema extends z.ZodType>(
  python: string,
  program: string,
  job: object,
  schema: Schema,
): Promise<z.output<Schema>> {
  const args = [join(peersFolder(), program), JSON.stringify(job)];
  return runMeasured(python, args, schema, {
    OMP_WAIT_POLICY: 'PASSIVE',
    PYTHONDONTWRITEBYTECODE: '1',
  });
}

/** The same work, done by several programs in turns: each has one speed a round. */
export type Rounds = Readonly<Record<string, readonly number[]>>;

/** Median of the ratios of the rounds: how many times as fast the first program is as the second. */
export function ratioOf(rounds: Rounds, ours: string, theirs: string): number {
  const pairs = rounds[ours]?.map((one, round) => one / (rounds[theirs]?.[round] ?? NaN));
  return median(pairs ?? []);
}

/** One row a program and shape: its median speed, and how many times as fast as each peer it is. */
export function tellSpeeds(
  unit: string,
  shapes: Readonly<Record<string, Rounds>>,
  titles: Readonly<Record<string, string>>,
  peers: readonly string[],
): void {
  const rows = Object.entries(shapes).flatMap(([shape, rounds]) =>
    Object.entries(rounds).map(([name, speeds]) => [
      `${shape}, ${titles[name] ?? name}`,
      speed(median(speeds)),
      ...peers.map((peer) =>
        peers.includes(name) || !(peer in rounds) ? '' : ratioOf(rounds, name, peer).toFixed(2),
      ),
    ]),
  );
  const heads = peers.map((peer) => `to ${titles[peer] ?? peer}`);
  console.log(formatTable(['network', unit, ...heads], rows));
}

/** The parts that the command line gives to every job. */
export function jobOptions(options: Options<typeof MODEL_OPTIONS>): {
  readonly runs: number;
  readonly threads: number;
} {
  return {
    runs: options.number('runs', 1, 100) ?? 1,
    threads: options.number('threads', 1, 256) ?? 1,
  };
}
