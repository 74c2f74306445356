import { availableParallelism } from 'node:os';
import type { Configuration, StreamSettings } from '@logbert/contracts';
import { architectureFor } from '@logbert/pipeline';
import { z } from 'zod';
import { DRAIN3_DEFAULTS, EXAMPLE_MASKS } from '../evaluate/drain3-configurations';
import { runTorch } from './model-runs';

/** One way to run the program. */
export interface PythonPeer {
  readonly name: 'pythonAlone' | 'python' | 'pythonRemembering';
  readonly title: string;
  /** They share the lines, and the cores. */
  readonly processes: number;
  /** Whether equal windows are scored once, as ours are. */
  readonly remembers: boolean;
}

/**
 * The program as one writes it first, in one process whose network has all cores; in as many processes as ours has detectors;
 * and with equal windows scored once.
 */
export function pythonPeers(processes: number): readonly PythonPeer[] {
  const title = (count: number, more = '') =>
    `drain3 and PyTorch, ${count} ${count === 1 ? 'process' : 'processes'}${more}`;
  const alone = { name: 'pythonAlone', title: title(1), processes: 1, remembers: false } as const;
  return [
    ...(processes > 1 ? [alone] : []),
    { name: 'python', title: title(processes), processes, remembers: false },
    {
      name: 'pythonRemembering',
      title: title(processes, ', equal windows once'),
      processes,
      remembers: true,
    },
  ];
}

/** What one process reads: a file of raw lines, UTF-8, or partitions of a topic with lines in JSON, as far as they go. */
export type PythonSource =
  | { readonly file: string }
  | { readonly brokers: string; readonly topic: string; readonly partitions: readonly number[] };

const SEQUENCES_AT_ONCE = 64;

const usageSchema = z.object({
  lines: z.int().positive(),
  windows: z.int().positive(),
  seconds: z.number().positive(),
  peakMemoryBytes: z.number(),
  program: z.string(),
});

export interface PythonPipelineJob {
  /** One for each process. */
  readonly sources: readonly PythonSource[];
  /** Of all sources together. */
  readonly trainLines: number;
  readonly settings: StreamSettings;
  readonly configuration: Configuration;
  readonly seed: number;
  readonly peer: PythonPeer;
}

/** Raw lines to scores with drain3 and PyTorch: the network is of the size of ours, and masked as often. */
export function runPythonPipeline(
  python: string,
  { sources, trainLines, settings, configuration, seed, peer }: PythonPipelineJob,
): Promise<z.output<typeof usageSchema>> {
  const { format, sessionKey, window } = settings;
  const { hidden, layers, heads, feedForward, dropout } = configuration.training.model;
  const job = {
    ...{ sources, trainLines, seed },
    threads: Math.max(1, Math.floor(availableParallelism() / peer.processes)),
    header: format.kind === 'text' ? headerOf(format.pattern ?? '') : '',
    sessionKey: sessionKey.pattern ?? '',
    // Sessions are cut where our network cuts what it reads.
    maxLength: architectureFor(configuration.training.model, window, 1).maxLength - 1,
    masks: EXAMPLE_MASKS.map(({ name, pattern }) => ({ name, pattern })),
    depth: DRAIN3_DEFAULTS.depth,
    similarity: DRAIN3_DEFAULTS.similarity,
    architecture: { hidden, layers, heads, feedForward, dropout },
    passes: configuration.detection.passes,
    batch: SEQUENCES_AT_ONCE,
    remember: peer.remembers,
  };
  return runTorch(python, 'python_pipeline.py', job, usageSchema);
}

/** A pattern like `<Date> <Level>: <Content>` as a regular expression of Python. */
export function headerOf(pattern: string): string {
  const parts = pattern.split(/<(\w+)>/);
  return parts
    .map((part, index) => {
      if (index % 2 === 0) return part.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
      return index === parts.length - 2 ? `(?P<${part}>.*)` : `(?P<${part}>.*?)`;
    })
    .join('');
}
