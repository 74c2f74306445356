import * as z from 'zod';

export const EVIDENCE_KINDS = [
  'novel-template',
  'rare-template',
  'missing-template',
  'surprising-line',
  'rate-change',
  'parameter-focus',
  'service-order',
  'error-level',
  'similar-incident',
] as const;

/** One computed fact; nothing in it was generated. */
export const evidenceSchema = z
  .object({
    id: z.string().regex(/^E[1-9]\d*$/),
    kind: z.enum(EVIDENCE_KINDS),
    service: z.string().nullable(),
    templateId: z.string().nullable(),
    template: z.string().nullable(),
    /** The fact as a sentence with its figures. */
    statement: z.string(),
    /** Epoch milliseconds of the event it speaks of. */
    at: z.int().nullable(),
    /** How much it says about the cause, in [0, 1]. */
    weight: z.number().min(0).max(1),
    /** The figures behind the statement: lift, share, nats, counts. */
    figures: z.record(z.string(), z.number()),
    /** Raw lines that show it, secrets redacted. */
    lines: z.array(z.string()).readonly(),
  })
  .readonly();

export const causeSchema = z
  .object({
    rank: z.int().positive(),
    service: z.string(),
    templateId: z.string().nullable(),
    title: z.string(),
    /** Share of the total evidence, in [0, 1]; the scores of a report add to at most 1. */
    score: z.number().min(0).max(1),
    evidenceIds: z.array(z.string()).readonly(),
  })
  .readonly();

export const claimSchema = z
  .object({
    text: z.string(),
    evidenceIds: z.array(z.string()).readonly(),
    isVerified: z.boolean(),
    /** Why a claim was not verified; null when it was. */
    reason: z.string().nullable(),
  })
  .readonly();

export const narrativeSchema = z
  .object({
    model: z.string(),
    summary: z.string(),
    claims: z.array(claimSchema).readonly(),
    verifiedClaims: z.int().nonnegative(),
    totalClaims: z.int().nonnegative(),
    nextSteps: z.array(z.string()).readonly(),
  })
  .readonly();

export const rootCauseReportSchema = z
  .object({
    incidentId: z.string(),
    createdAt: z.int().nonnegative(),
    /** How many of the incident's anomalies the report has seen. */
    anomalyCount: z.int().nonnegative(),
    evidence: z.array(evidenceSchema).readonly(),
    causes: z.array(causeSchema).readonly(),
    narrative: narrativeSchema.nullable(),
    narrativeState: z.enum(['not-configured', 'pending', 'written', 'failed']),
    /** Why there is no prose although an LLM is configured. */
    narrativeError: z.string().nullable(),
  })
  .readonly();

export const rootCauseRequestSchema = z.strictObject({ incidentId: z.uuid() });

export type EvidenceKind = (typeof EVIDENCE_KINDS)[number];
export type Evidence = z.infer<typeof evidenceSchema>;
export type Cause = z.infer<typeof causeSchema>;
export type Claim = z.infer<typeof claimSchema>;
export type Narrative = z.infer<typeof narrativeSchema>;
export type RootCauseReport = z.infer<typeof rootCauseReportSchema>;
export type RootCauseRequest = Readonly<z.infer<typeof rootCauseRequestSchema>>;
