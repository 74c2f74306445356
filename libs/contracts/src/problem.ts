import * as z from 'zod';

/** An error over HTTP: RFC 9457 `application/problem+json`. */
export const problemSchema = z
  .object({
    /** `urn:logbert:problem:<code>`. */
    type: z.string(),
    title: z.string(),
    status: z.int().min(400).max(599),
    /** What went wrong and what to do, for a person. */
    detail: z.string(),
    code: z.string(),
    instance: z.string().optional(),
    /** The fields at fault, each with its reason. */
    errors: z.array(z.object({ field: z.string(), reason: z.string() })).optional(),
  })
  .readonly();

export type Problem = z.infer<typeof problemSchema>;
