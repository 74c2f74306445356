import * as z from 'zod';

/** The answer to a batch of lines: all of them are on disk, or in Kafka, when it comes. */
export const ingestReceiptSchema = z
  .object({
    accepted: z.int().nonnegative(),
    /** Lines that could not be taken (too long, empty, not UTF-8), each with its reason; at most 20. */
    rejected: z.int().nonnegative(),
    reasons: z.array(z.object({ line: z.int().positive(), reason: z.string() })).readonly(),
  })
  .readonly();

export const uploadSchema = z
  .object({ uploadId: z.string(), bytes: z.int().nonnegative() })
  .readonly();

export type IngestReceipt = z.infer<typeof ingestReceiptSchema>;
export type Upload = z.infer<typeof uploadSchema>;
