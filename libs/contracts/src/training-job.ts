import * as z from 'zod';
import { streamNameSchema } from './stream';

/** What a model is trained on. */
export const trainingSourceSchema = z.discriminatedUnion('kind', [
  /** A file under the configured import directory; `.gz` is unpacked. */
  z.strictObject({ kind: z.literal('file'), path: z.string().min(1).max(1_000) }),
  /** A file sent before by `POST uploads`. */
  z.strictObject({ kind: z.literal('upload'), uploadId: z.string().min(1).max(100) }),
  /** What the stream received between two times, epoch milliseconds, end exclusive. */
  z
    .strictObject({
      kind: z.literal('stream'),
      fromMs: z.int().nonnegative(),
      toMs: z.int().positive(),
    })
    .refine(({ fromMs, toMs }) => fromMs < toMs, {
      path: ['toMs'],
      error: 'the end must be after the beginning',
    }),
]);

/** Size of the network and length of the training; what is left out comes from the configuration. */
export const trainingOptionsSchema = z.strictObject({
  epochs: z.int().min(1).max(500).optional(),
  hidden: z.int().min(16).max(1024).optional(),
  layers: z.int().min(1).max(12).optional(),
  heads: z.int().min(1).max(16).optional(),
  seed: z.int().nonnegative().optional(),
});

export const trainingRequestSchema = z.strictObject({
  stream: streamNameSchema,
  source: trainingSourceSchema,
  options: trainingOptionsSchema.default({}),
  /** Whether the model scores the stream as soon as it is trained; the first one of a stream does in any case. */
  promote: z.boolean().optional(),
});

export const trainingStageSchema = z.enum([
  'queued',
  'reading',
  'mining',
  'windowing',
  'training',
  'calibrating',
  'saving',
  'done',
]);

export const trainingProgressSchema = z
  .object({
    stage: trainingStageSchema,
    /** Share of the whole job that is done, in [0, 1]. */
    share: z.number().min(0).max(1),
    lines: z.int().nonnegative(),
    templates: z.int().nonnegative(),
    windows: z.int().nonnegative(),
    epoch: z.int().nonnegative(),
    epochs: z.int().nonnegative(),
    /** Mean loss of the epoch in nats a masked key; null before the first. */
    loss: z.number().nullable(),
    validationLoss: z.number().nullable(),
    tokensPerSecond: z.number().nonnegative().nullable(),
    etaSeconds: z.number().nonnegative().nullable(),
  })
  .readonly();

/** The progress of a job that waits. */
export const QUEUED_PROGRESS: z.infer<typeof trainingProgressSchema> = {
  stage: 'queued',
  share: 0,
  lines: 0,
  templates: 0,
  windows: 0,
  epoch: 0,
  epochs: 0,
  loss: null,
  validationLoss: null,
  tokensPerSecond: null,
  etaSeconds: null,
};

/** One finished epoch, the points of the loss curve. */
export const epochLossSchema = z
  .object({
    epoch: z.int().positive(),
    loss: z.number(),
    validationLoss: z.number().nullable(),
  })
  .readonly();

/**
 * An attempt whose process was lost: it ended without an answer, or its server did. After three a job fails. Where the server was
 * stopped in order (`training/stopped`) and the attempt came further than those before it, it does not count.
 */
export const lostAttemptSchema = z
  .object({
    attempt: z.int().positive(),
    /** Why, for a person. */
    reason: z.object({ code: z.string(), message: z.string() }).readonly(),
    /** The last epoch that it told of; 0 before the first. */
    epoch: z.int().nonnegative(),
    lostAt: z.int().nonnegative(),
  })
  .readonly();

/** Where an attempt after the first began to train. */
export const resumptionSchema = z
  .object({
    /** Epochs taken over from the attempt before; 0 when training began anew. */
    epoch: z.int().nonnegative(),
    /** Why training began anew; null when it did not. */
    refusal: z.string().nullable(),
  })
  .readonly();

/** What the first attempt of a job read, a part for each partition, so that every other one reads the same. */
export const sourcePinSchema = z
  .array(
    z
      .object({
        source: z.string(),
        partition: z.int().nonnegative(),
        /** Position of the first line; where lines have a number, those before it may be gone the next time. */
        first: z.int().nonnegative(),
        /** Position of the last line; what came behind it is not read. */
        last: z.int().nonnegative(),
        lines: z.int().positive(),
        /** SHA-256 of the lines in their order, in hexadecimal. */
        digest: z.string(),
      })
      .readonly(),
  )
  .readonly();

export const trainingStateSchema = z.enum([
  'queued',
  'running',
  'succeeded',
  'failed',
  'cancelled',
]);

export const trainingJobSchema = z
  .object({
    id: z.uuid(),
    stream: streamNameSchema,
    state: trainingStateSchema,
    request: trainingRequestSchema,
    /** Who asked for it: a caller, or the server itself since the lines of the stream had grown. */
    origin: z.enum(['request', 'growth']).default('request'),
    progress: trainingProgressSchema,
    history: z.array(epochLossSchema).readonly(),
    /** How often a process has begun to work on it; 0 while it waits for the first. */
    attempt: z.int().nonnegative().default(0),
    /** Oldest first. */
    lostAttempts: z.array(lostAttemptSchema).readonly().default([]),
    /** Null in the first attempt, and in others until training begins. */
    resumed: resumptionSchema.nullable().default(null),
    modelId: z.string().nullable(),
    /** What a person should know of a job that succeeded: the training diverged, and the model is of an epoch before. */
    warning: z.string().nullable().default(null),
    /** Why it failed, for a person: what went wrong and what to do. */
    error: z.object({ code: z.string(), message: z.string() }).readonly().nullable(),
    createdAt: z.int().nonnegative(),
    startedAt: z.int().nonnegative().nullable(),
    finishedAt: z.int().nonnegative().nullable(),
  })
  .readonly();

export type TrainingSource = Readonly<z.infer<typeof trainingSourceSchema>>;
export type TrainingOptions = Readonly<z.infer<typeof trainingOptionsSchema>>;
export type TrainingRequest = Readonly<z.infer<typeof trainingRequestSchema>>;
export type TrainingStage = z.infer<typeof trainingStageSchema>;
export type TrainingProgress = z.infer<typeof trainingProgressSchema>;
export type EpochLoss = z.infer<typeof epochLossSchema>;
export type LostAttempt = z.infer<typeof lostAttemptSchema>;
export type Resumption = z.infer<typeof resumptionSchema>;
export type SourcePin = z.infer<typeof sourcePinSchema>;
export type TrainingState = z.infer<typeof trainingStateSchema>;
export type TrainingJob = z.infer<typeof trainingJobSchema>;
