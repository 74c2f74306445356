import * as z from 'zod';

/** A template of a model or, when novel, of the live miner. */
export const templateSchema = z
  .object({
    id: z.string(),
    template: z.string(),
    count: z.int().nonnegative(),
    services: z.array(z.string()).readonly(),
    isNovel: z.boolean(),
  })
  .readonly();

/** How often a service wrote a template in one bucket of event time. */
export const templateCountSchema = z
  .object({
    stream: z.string(),
    service: z.string(),
    templateId: z.string(),
    /** The model whose miner named the template; null before the stream's first. Counts of two models do not compare. */
    modelId: z.string().nullable(),
    /** Epoch milliseconds of the bucket's beginning. */
    bucketMs: z.int(),
    count: z.int().positive(),
  })
  .readonly();

/** Length of a template-count bucket. */
export const TEMPLATE_BUCKET_MS = 10_000;

export type Template = z.infer<typeof templateSchema>;
export type TemplateCount = z.infer<typeof templateCountSchema>;
