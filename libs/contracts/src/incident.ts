import * as z from 'zod';
import { streamNameSchema } from './stream';

export const severitySchema = z.enum(['low', 'medium', 'high', 'critical']);

export const culpritSchema = z
  .object({
    templateId: z.string(),
    template: z.string(),
    service: z.string().nullable(),
    /** How many of the incident's anomalies it helped to flag. */
    count: z.int().positive(),
    /** Whether the template is odd because it came or because it did not. */
    isMissing: z.boolean(),
  })
  .readonly();

/** Anomalies that belong together, as they travel: Kafka, HTTP and the event stream carry this. */
export const incidentSchema = z
  .object({
    id: z.uuid(),
    stream: streamNameSchema,
    state: z.enum(['open', 'closed']),
    isAcknowledged: z.boolean(),
    severity: severitySchema,
    /** One line for a person: what is odd, where. */
    title: z.string(),
    /** Epoch milliseconds, event time, of the first and last abnormal line. */
    openedAt: z.int().nonnegative(),
    lastSeenAt: z.int().nonnegative(),
    closedAt: z.int().nonnegative().nullable(),
    anomalyCount: z.int().positive(),
    /** How many of its anomalies were taken back; an open incident of which all were is closed by that. */
    retractedCount: z.int().nonnegative().default(0),
    /** Of all that was told of its anomalies, also while their sessions were open. */
    minPValue: z.number().min(0).max(1),
    services: z.array(z.string()).readonly(),
    culprits: z.array(culpritSchema).readonly(),
    /** Earlier incidents with a like fingerprint, cosine similarity in [0, 1]. */
    similar: z
      .array(z.object({ incidentId: z.string(), similarity: z.number().min(0).max(1) }).readonly())
      .readonly(),
    /** The head of the root-cause report; null until there is one. */
    topCause: z
      .object({ service: z.string(), title: z.string(), score: z.number().min(0).max(1) })
      .readonly()
      .nullable(),
  })
  .readonly();

export const incidentPatchSchema = z.strictObject({
  isAcknowledged: z.boolean().optional(),
  state: z.literal('closed').optional(),
});

export type Severity = z.infer<typeof severitySchema>;
export type Culprit = z.infer<typeof culpritSchema>;
export type Incident = z.infer<typeof incidentSchema>;
export type IncidentPatch = Readonly<z.infer<typeof incidentPatchSchema>>;
