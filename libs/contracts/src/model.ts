import * as z from 'zod';
import { streamNameSchema } from './stream';

/** Names of the files of a model bundle; the manifest is written last. */
export const BUNDLE_FILES = [
  'model.onnx',
  'vocabulary.json',
  'templates.json',
  'calibration.json',
  'metrics.json',
] as const;
export const MANIFEST_FILE = 'manifest.json';

export type BundleFile = (typeof BUNDLE_FILES)[number];

/** What a bundle's manifest says of its files. */
export const bundleManifestSchema = z
  .object({
    formatVersion: z.literal(1),
    modelId: z.string().min(1),
    stream: streamNameSchema,
    createdAt: z.int().nonnegative(),
    files: z.record(
      z.string(),
      z.object({ bytes: z.int().nonnegative(), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
    ),
  })
  .readonly();

/** What is known of a model when its training ends. */
export const modelMetricsSchema = z
  .object({
    lines: z.int().nonnegative(),
    templates: z.int().nonnegative(),
    windows: z.int().nonnegative(),
    /** Windows left out before training because they were too rare to be called normal. */
    trimmedWindows: z.int().nonnegative(),
    /** Silence that ends a session where the stream's settings say `auto`; absent when nothing could be learnt. */
    sessionIdleMs: z.number().positive().optional(),
    calibrationWindows: z.int().nonnegative(),
    parameters: z.int().nonnegative(),
    epochs: z.int().nonnegative(),
    loss: z.number().nullable(),
    validationLoss: z.number().nullable(),
    tokensPerSecond: z.number().nonnegative().nullable(),
    /** Where the training diverged; the model is that of the best epoch before. */
    divergence: z.object({ quantity: z.string(), step: z.int().positive() }).readonly().optional(),
    trainingSeconds: z.number().nonnegative(),
    bytes: z.int().nonnegative(),
  })
  .readonly();

export const modelSchema = z
  .object({
    id: z.string().min(1),
    stream: streamNameSchema,
    version: z.int().positive(),
    isActive: z.boolean(),
    jobId: z.string().nullable(),
    metrics: modelMetricsSchema,
    createdAt: z.int().nonnegative(),
    promotedAt: z.int().nonnegative().nullable(),
  })
  .readonly();

export type BundleManifest = z.infer<typeof bundleManifestSchema>;
export type ModelMetrics = z.infer<typeof modelMetricsSchema>;
export type Model = z.infer<typeof modelSchema>;
