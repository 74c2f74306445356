import type { Configuration, StreamSettings } from '@logbert/contracts';
import { architectureFor } from '@logbert/pipeline';
import { z } from 'zod';
import { DRAIN3_DEFAULTS, EXAMPLE_MASKS } from '../evaluate/drain3-configurations';
import { runTorch } from './model-runs';

/** The same program twice; one that remembers scores equal windows once, as ours does. */
export const PYTHON_PIPELINES = ['python', 'pythonRemembering'] as const;
export type PythonPipeline = (typeof PYTHON_PIPELINES)[number];

const SEQUENCES_AT_ONCE = 64;

const usageSchema = z.object({
  lines: z.int().positive(),
  windows: z.int().positive(),
  seconds: z.number().positive(),
  peakMemoryBytes: z.number(),
  program: z.string(),
});

export interface PythonPipelineJob {
  /** Raw lines, one a line, UTF-8: a file for each process. */
  readonly logs: readonly string[];
  /** Of all files together. */
  readonly trainLines: number;
  readonly settings: StreamSettings;
  readonly configuration: Configuration;
  readonly seed: number;
  /** Of each process. */
  readonly threads: number;
  readonly peer: PythonPipeline;
}

/** Raw lines to scores with drain3 and PyTorch: the network is of the size of ours, and masked as often. */
export function runPythonPipeline(
  python: string,
  { logs, trainLines, settings, configuration, seed, threads, peer }: PythonPipelineJob,
): Promise<z.output<typeof usageSchema>> {
  const { format, sessionKey, window } = settings;
  const { hidden, layers, heads, feedForward, dropout } = configuration.training.model;
  const job = {
    ...{ logs, trainLines, seed, threads },
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
    remember: peer === 'pythonRemembering',
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
