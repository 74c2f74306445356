import * as z from 'zod';
import { anomalyStateSchema, anomalyVerdictSchema } from './anomaly';
import { incidentSchema } from './incident';
import { modelSchema } from './model';
import { trainingJobSchema } from './training-job';

/** What passed in one interval; forgotten after ten minutes, so it has no event id. */
export const throughputSchema = z
  .object({
    stream: z.string(),
    at: z.int().nonnegative(),
    linesPerSecond: z.number().nonnegative(),
    windowsPerSecond: z.number().nonnegative(),
    anomalies: z.int().nonnegative(),
    /** Lines received and not yet scored. */
    lag: z.int().nonnegative(),
  })
  .readonly();

/** What passed through a stream in the last ten minutes, oldest first; of a silence only the first interval. */
export const throughputHistorySchema = z.object({ samples: z.array(throughputSchema).readonly() });

/** The head of an anomaly, enough for a timeline; the whole is at `GET anomalies/{id}`. */
export const anomalyHeadSchema = z
  .object({
    id: z.string(),
    stream: z.string(),
    windowKey: z.string(),
    firstAt: z.int(),
    lastAt: z.int(),
    services: z.array(z.string()).readonly(),
    pValue: z.number(),
    decidingChannel: z.string(),
    incidentId: z.string().nullable(),
    /** Whether its session still takes lines. */
    state: anomalyStateSchema.default('closed'),
    verdict: anomalyVerdictSchema.default({ state: 'immediate' }),
  })
  .readonly();

/** Everything the server announces; the SSE event name is `type`, the data is `data`. */
export const liveEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('training'), data: trainingJobSchema }),
  z.object({ type: z.literal('model'), data: modelSchema }),
  z.object({ type: z.literal('anomaly'), data: anomalyHeadSchema }),
  /** The session of an anomaly that was announced while it was open is closed, and the anomaly is of all its lines. */
  z.object({ type: z.literal('anomaly-closed'), data: anomalyHeadSchema }),
  /** The verdict on an anomaly that was announced before has become final. */
  z.object({ type: z.literal('verdict'), data: anomalyHeadSchema }),
  z.object({ type: z.literal('incident'), data: incidentSchema }),
  z.object({
    type: z.literal('root-cause'),
    data: z.object({ incidentId: z.string(), incident: incidentSchema }),
  }),
  z.object({ type: z.literal('throughput'), data: throughputSchema }),
]);

export const LIVE_EVENTS = {
  training: 'training',
  model: 'model',
  anomaly: 'anomaly',
  anomalyClosed: 'anomaly-closed',
  verdict: 'verdict',
  incident: 'incident',
  rootCause: 'root-cause',
  throughput: 'throughput',
} as const;

export type Throughput = z.infer<typeof throughputSchema>;
export type ThroughputHistory = z.infer<typeof throughputHistorySchema>;
export type AnomalyHead = z.infer<typeof anomalyHeadSchema>;
export type LiveEvent = z.infer<typeof liveEventSchema>;
