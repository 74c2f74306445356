import type { Architecture, Precision } from '@logbert/logbert';
import { z } from 'zod';

/** What both programs train: the same sizes, so that the same is learnt. */
export interface TrainJob {
  readonly architecture: Architecture;
  /** Windows of a step. */
  readonly batch: number;
  /** Positions of a window, `[DIST]` included; nothing is padded. */
  readonly length: number;
  /** Masked lines of a window. */
  readonly masked: number;
  /** Steps that are timed. */
  readonly steps: number;
  /** Steps before them. */
  readonly warmupSteps: number;
  readonly threads: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly gradientClip: number;
  readonly hypersphereWeight: number;
  readonly seed: number;
}

/** What training took, as ours and its peer print it. */
export const trainUsageSchema = z.object({
  /** Positions of the timed steps. */
  tokens: z.int().positive(),
  seconds: z.number().positive(),
  /** Of the last step or epoch, nats a masked key. */
  loss: z.number(),
  peakMemoryBytes: z.number().nullable(),
  /** Name and version of what ran. */
  program: z.string(),
});

export type TrainUsage = z.infer<typeof trainUsageSchema>;

/** What both programs score: windows of one length, each line masked in one of the passes. */
export interface ScoreJob {
  readonly architecture: Architecture;
  readonly precision: Precision;
  readonly windows: number;
  /** Positions of a window, `[DIST]` included. */
  readonly length: number;
  readonly passes: number;
  readonly alternatives: number;
  readonly threads: number;
  readonly seed: number;
}

/** What scoring took, as ours and its peer print it. */
export const scoreUsageSchema = z.object({
  windows: z.int().positive(),
  seconds: z.number().positive(),
  /** Nats a line. */
  meanSurprise: z.number(),
  /** Name and version of what ran. */
  program: z.string(),
});

export type ScoreUsage = z.infer<typeof scoreUsageSchema>;

/** Training whose memory is looked at. */
export interface MemoryJob {
  readonly architecture: Architecture;
  readonly windows: number;
  /** Of the longest window. */
  readonly lines: number;
  readonly threads: number;
  readonly seed: number;
}

export const memoryUsageSchema = z.object({
  windows: z.int().positive(),
  peakMemoryBytes: z.number().positive(),
  program: z.string(),
});

export type MemoryUsage = z.infer<typeof memoryUsageSchema>;

/** A whole training job whose memory is looked at. */
export interface PipelineMemoryJob {
  readonly windows: number;
  /** How many different windows there are; undefined when practically no two are alike. */
  readonly distinct: number | undefined;
  /** Of the longest window. */
  readonly lines: number;
  /** Whether raw lines are read, instead of windows that are there already. */
  readonly isRaw: boolean;
  readonly seed: number;
}

export const pipelineMemoryUsageSchema = z.object({
  windows: z.int().positive(),
  trimmedWindows: z.int().nonnegative(),
  peakMemoryBytes: z.number().positive(),
  /** Peak so far when a stage was last told of, by its name. */
  peakBytesByStage: z.record(z.string(), z.number().positive()),
  bundleBytes: z.int().positive(),
  seconds: z.number().positive(),
  program: z.string(),
});

export type PipelineMemoryUsage = z.infer<typeof pipelineMemoryUsageSchema>;
