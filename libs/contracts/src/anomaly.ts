import * as z from 'zod';
import { streamNameSchema } from './stream';

/** Every way a window can be odd; each becomes a p-value of its own. */
export const CHANNELS = [
  'surprise-mean',
  'surprise-max',
  'surprise-top3',
  'entropy',
  'rarity',
  'count-vector',
  'ngram',
  'key-set',
  'novelty',
  'hypersphere',
  'presence',
  'rate',
] as const;
export const channelNameSchema = z.enum(CHANNELS);

export const logLevelSchema = z.enum([
  'trace',
  'debug',
  'info',
  'warn',
  'error',
  'fatal',
  'unknown',
]);

export const parameterSchema = z.object({ value: z.string(), mask: z.string() }).readonly();

export const expectationSchema = z
  .object({
    templateId: z.string(),
    template: z.string(),
    /** The service that usually writes this template; null when unknown. */
    service: z.string().nullable(),
    probability: z.number().min(0).max(1),
  })
  .readonly();

/** One line of a flagged window with what the model thought of it. */
export const anomalyLineSchema = z
  .object({
    /** Epoch milliseconds of the event. */
    at: z.int(),
    service: z.string(),
    level: logLevelSchema,
    /** The line as it came, secrets redacted. */
    raw: z.string(),
    templateId: z.string(),
    template: z.string(),
    /** Whether no template of the model fits the line. */
    isNovel: z.boolean(),
    /** Whether this line is one that made the window odd. */
    isAbnormal: z.boolean(),
    /** −log p(observed | other lines) in nats; null when the model could not score it. */
    surprise: z.number().nullable(),
    /** Entropy of the prediction in nats. */
    entropy: z.number().nullable(),
    observedProbability: z.number().min(0).max(1).nullable(),
    /** What was expected instead, most probable first; besides the first only what is no rarity itself (1 %). */
    expected: z.array(expectationSchema).readonly(),
    parameters: z.array(parameterSchema).readonly(),
  })
  .readonly();

/** A template that nearly every comparable window has and this one lacks. */
export const missingTemplateSchema = z
  .object({
    templateId: z.string(),
    template: z.string(),
    service: z.string().nullable(),
    /** Share of reference windows that have it, in [0, 1]. */
    share: z.number().min(0).max(1),
  })
  .readonly();

/** The session was over where the model expected another line. */
export const unexpectedEndSchema = z
  .object({
    /** −log p(no further line | the whole window) in nats. */
    surprise: z.number(),
    /** Of there being no further line. */
    probability: z.number().min(0).max(1),
    /** What was expected next, most probable first. */
    expected: z.array(expectationSchema).readonly(),
  })
  .readonly();

/** A template that came more or less often in a minute than in the day before. */
export const rateSchema = z
  .object({
    templateId: z.string(),
    template: z.string(),
    service: z.string().nullable(),
    /** Lines of it in the minute. */
    count: z.int().nonnegative(),
    /** Smallest and largest count of a minute in the hour before. */
    expectedFrom: z.int().nonnegative(),
    expectedTo: z.int().nonnegative(),
    pValue: z.number().min(0).max(1),
  })
  .readonly();

export const contextLineSchema = z
  .object({ at: z.int(), service: z.string(), level: logLevelSchema, raw: z.string() })
  .readonly();

export const channelVerdictSchema = z
  .object({
    channel: channelNameSchema,
    score: z.number(),
    pValue: z.number().min(0).max(1),
  })
  .readonly();

/** The last word on a window that was flagged, when fifty more had shown what is usual meanwhile. */
export const finalVerdictSchema = z
  .object({
    /** Whether it is still odd, or is taken back. */
    state: z.enum(['confirmed', 'retracted']),
    /** Epoch milliseconds of the second look. */
    settledAt: z.int().nonnegative(),
    /** p-value at the second look; `pValue` of the anomaly is that of the first. */
    pValue: z.number().min(0).max(1),
  })
  .readonly();

/** What is thought of an anomaly: at first, and when the verdict is final. */
export const anomalyVerdictSchema = z.discriminatedUnion('state', [
  z.object({ state: z.literal('immediate') }).readonly(),
  finalVerdictSchema,
]);

export const verdictStateSchema = z.enum(['immediate', 'confirmed', 'retracted']);

/** That a session was flagged while it still took lines. */
export const earlyFlagSchema = z
  .object({
    /** Index of the line that showed it. */
    position: z.int().nonnegative(),
    /** Epoch milliseconds of that line. */
    at: z.int(),
    /** Of the lines up to it. */
    pValue: z.number().min(0).max(1),
  })
  .readonly();

export const anomalyStateSchema = z.enum(['open', 'closed']);

/** A window, or a minute, that is too odd for the alert budget: Kafka, HTTP and SSE all carry this shape. */
export const anomalySchema = z
  .object({
    /** Hash of stream, window key and first position: the same window always has the same id. */
    id: z.string().regex(/^[0-9a-f]{32}$/),
    stream: streamNameSchema,
    /** Null before the stream's first model. */
    modelId: z.string().nullable(),
    /** `open` while its session still takes lines: what is told then is of the lines so far, and told again once it is closed. */
    state: anomalyStateSchema.default('closed'),
    /** Null when only the complete window showed it. */
    early: earlyFlagSchema.nullable().default(null),
    windowKey: z.string(),
    detectedAt: z.int().nonnegative(),
    firstAt: z.int(),
    lastAt: z.int(),
    /** Services of the window, the one with the first abnormal line in front. */
    services: z.array(z.string()).readonly(),
    pValue: z.number().min(0).max(1),
    channels: z.array(channelVerdictSchema).readonly(),
    decidingChannel: channelNameSchema,
    lines: z.array(anomalyLineSchema).readonly(),
    missing: z.array(missingTemplateSchema).readonly(),
    /** Null when the end is not odd, and where windows do not end by themselves. */
    end: unexpectedEndSchema.nullable().default(null),
    /** What the minute had too often or too seldom, surest first; empty for windows that are no minute. */
    rates: z.array(rateSchema).readonly().default([]),
    /** Lines of the stream just before and during the window that are not part of it. */
    context: z.array(contextLineSchema).readonly(),
    /** Template ids that made the window odd (present or missing), most guilty first. */
    culprits: z.array(z.string()).readonly(),
    incidentId: z.string().nullable(),
    /** Changes once at most; a person's opinion is feedback, not this. */
    verdict: anomalyVerdictSchema.default({ state: 'immediate' }),
  })
  .readonly();

export const feedbackSchema = z.strictObject({
  verdict: z.enum(['confirmed', 'false-alarm']),
  comment: z.string().max(2_000).default(''),
});

export type ChannelName = z.infer<typeof channelNameSchema>;
export type LogLevel = z.infer<typeof logLevelSchema>;
export type Parameter = z.infer<typeof parameterSchema>;
export type Expectation = z.infer<typeof expectationSchema>;
export type AnomalyLine = z.infer<typeof anomalyLineSchema>;
export type MissingTemplate = z.infer<typeof missingTemplateSchema>;
export type UnexpectedEnd = z.infer<typeof unexpectedEndSchema>;
export type Rate = z.infer<typeof rateSchema>;
export type ContextLine = z.infer<typeof contextLineSchema>;
export type ChannelVerdict = z.infer<typeof channelVerdictSchema>;
export type FinalVerdict = z.infer<typeof finalVerdictSchema>;
export type AnomalyVerdict = z.infer<typeof anomalyVerdictSchema>;
export type VerdictState = z.infer<typeof verdictStateSchema>;
export type Anomaly = z.infer<typeof anomalySchema>;
export type EarlyFlag = z.infer<typeof earlyFlagSchema>;
export type AnomalyState = z.infer<typeof anomalyStateSchema>;
export type Feedback = Readonly<z.infer<typeof feedbackSchema>>;
