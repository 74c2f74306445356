import {
  anomalyStateSchema,
  pageQuerySchema,
  streamNameSchema,
  verdictStateSchema,
} from '@logbert/contracts';
import { z } from 'zod';

const timeMs = z.coerce.number().int();
const filter = {
  stream: streamNameSchema.optional(),
  incidentId: z.uuid().optional(),
  /** First line's time, epoch milliseconds, end exclusive. */
  fromMs: timeMs.optional(),
  toMs: timeMs.optional(),
  /** `open`: of sessions that still took lines when they were looked at last. */
  state: anomalyStateSchema.optional(),
  /** May be given several times: `verdict=immediate&verdict=confirmed` is all that was not taken back. */
  verdict: z.union([verdictStateSchema, z.array(verdictStateSchema).max(3)]).optional(),
};

export const anomalyListQuerySchema = pageQuerySchema.extend({
  ...filter,
  /** `head` leaves out lines and context. */
  view: z.enum(['whole', 'head']).default('whole'),
});

const MAX_BARS = 2_000;

export const timelineQuerySchema = z
  .object({
    stream: streamNameSchema.optional(),
    fromMs: timeMs,
    toMs: timeMs,
    bucketMs: z.coerce.number().int().min(1_000).optional(),
  })
  .refine(({ fromMs, toMs }) => fromMs < toMs, {
    path: ['toMs'],
    error: 'the end must be after the beginning',
  })
  .refine(({ fromMs, toMs, bucketMs }) => !bucketMs || (toMs - fromMs) / bucketMs <= MAX_BARS, {
    path: ['bucketMs'],
    error: `at most ${MAX_BARS} intervals at once`,
  });
