import * as z from 'zod';
import { pageSchema } from './page';

/** Place of a dead letter: `partition-offset`. */
export const deadLetterIdSchema = z.string().regex(/^\d{1,9}-\d{1,16}$/);

/** A record that could not be processed. */
export const deadLetterSchema = z
  .object({
    id: deadLetterIdSchema,
    stream: z.string(),
    /** Code and reason, of what was wrong. */
    reason: z.string(),
    /** Where the record came from; null where nobody knows any more. */
    origin: z
      .object({ topic: z.string(), partition: z.int(), offset: z.int() })
      .readonly()
      .nullable(),
    key: z.string().nullable(),
    /** Those that the record had. */
    headers: z.record(z.string(), z.string()).readonly(),
    /** The beginning of the record as text, secrets redacted. */
    text: z.string(),
    /** Size of the whole record. */
    bytes: z.int().nonnegative(),
    /** Epoch milliseconds. */
    parkedAt: z.int(),
    /** Epoch milliseconds at which it was last sent again; null when it never was. */
    replayedAt: z.int().nullable(),
  })
  .readonly();

/** How many letters of all that are kept there are by the code of their reason. Together the counts are at most `total`. */
export const deadLetterReasonsSchema = z
  .object({
    /** The most frequent ones, at most 20, the most frequent first; `unknown` where a letter names no code. */
    byCode: z
      .array(z.object({ code: z.string(), letters: z.int().positive() }).readonly())
      .readonly(),
    /** Letters of other codes. */
    others: z.int().nonnegative(),
    /** Letters that were not looked at: older than the newest 500,000, or not yet. */
    uncounted: z.int().nonnegative(),
  })
  .readonly();

export const deadLetterPageSchema = z
  .object({
    ...pageSchema(deadLetterSchema).unwrap().shape,
    /** How many are kept, on all pages. */
    total: z.int().nonnegative(),
    reasons: deadLetterReasonsSchema,
  })
  .readonly();

/** Which dead letters to send again: those named, or all that were not sent again yet. */
export const deadLetterReplaySchema = z.strictObject({
  ids: z.array(deadLetterIdSchema).min(1).max(1_000).optional(),
  /** Only those whose reason begins so. */
  reason: z.string().min(1).max(200).optional(),
  /** Only those of the stream. */
  stream: z.string().min(1).max(200).optional(),
});

export const deadLetterReceiptSchema = z
  .object({
    replayed: z.int().nonnegative(),
    /** Not sent: sent before, cut when it was parked, or of a name that no stream can have. */
    skipped: z.int().nonnegative(),
  })
  .readonly();

export type DeadLetter = z.infer<typeof deadLetterSchema>;
export type DeadLetterReasons = z.infer<typeof deadLetterReasonsSchema>;
export type DeadLetterPage = z.infer<typeof deadLetterPageSchema>;
export type DeadLetterReplay = Readonly<z.infer<typeof deadLetterReplaySchema>>;
export type DeadLetterReceipt = z.infer<typeof deadLetterReceiptSchema>;
