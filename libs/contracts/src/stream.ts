import * as z from 'zod';

/** A stream's name: also a topic suffix, a directory and a metric label, hence the narrow alphabet. */
export const streamNameSchema = z.string().regex(/^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/, {
  error:
    'a stream name is 1 to 64 of a-z, 0-9, ".", "_" and "-", with a letter or digit at both ends',
});

/** How the bytes of one record become a log record. */
export const lineFormatSchema = z.discriminatedUnion('kind', [
  /** JSON when the record starts with `{`, logfmt when it looks like `key=value`, else plain text. */
  z.strictObject({ kind: z.literal('auto') }),
  z.strictObject({ kind: z.literal('json') }),
  z.strictObject({ kind: z.literal('logfmt') }),
  /** A header pattern such as `<Date> <Time> <Pid> <Level> <Component>: <Content>`. */
  z.strictObject({ kind: z.literal('text'), pattern: z.string().min(1).max(500).optional() }),
]);

/** Where a line's session key (request id, block id) is found; the first that gives one wins. */
export const sessionKeySchema = z.strictObject({
  /** Names of JSON, logfmt or OTLP attributes. */
  fields: z.array(z.string().min(1)).max(16).default([]),
  /** A regular expression over the message; its first group, or else the whole match, is the key. */
  pattern: z.string().min(1).max(500).optional(),
});

/** Lines after which a session is cut at the latest. */
export const MAX_SESSION_LINES = 4_096;

export const windowSettingsSchema = z.discriminatedUnion('kind', [
  /** One window a session; lines without a key fall into sliding windows of their service. */
  z.strictObject({
    kind: z.literal('session'),
    /** Event-time silence after which a session is complete; `auto`: as the training of the model has learnt it. */
    idleMs: z.union([z.literal('auto'), z.int().min(100).max(86_400_000)]).default('auto'),
    /** A longer session is judged in pieces of this many lines. */
    maxLength: z.int().min(2).max(MAX_SESSION_LINES).default(MAX_SESSION_LINES),
  }),
  /** Windows of `size` lines of one service, a new one every `stride` lines. */
  z
    .strictObject({
      kind: z.literal('sliding'),
      size: z.int().min(2).max(512).default(20),
      stride: z.int().min(1).max(512).default(10),
      idleMs: z.int().min(100).max(86_400_000).default(10_000),
    })
    .refine(({ size, stride }) => stride <= size, {
      path: ['stride'],
      error: 'a stride longer than the window would skip log lines',
    }),
]);

export const templateSettingsSchema = z.strictObject({
  /**
   * How lines are grouped into templates: `flexible` for lists and values of any length, `drain` with the answers of
   * drain3. A model keeps the one that it was trained with.
   */
  engine: z.enum(['flexible', 'drain']).default('flexible'),
});

export const streamSettingsSchema = z.strictObject({
  format: lineFormatSchema.default({ kind: 'auto' }),
  sessionKey: sessionKeySchema.default({
    fields: ['session', 'session_id', 'request_id', 'requestId', 'req_id', 'trace_id', 'traceId'],
  }),
  templates: templateSettingsSchema.prefault({}),
  window: windowSettingsSchema.default({
    kind: 'session',
    idleMs: 'auto',
    maxLength: MAX_SESSION_LINES,
  }),
  /** Share of normal windows that may be flagged: the operator's only dial. */
  alertBudget: z.number().gt(0).max(0.2).default(0.001),
});

export type StreamName = z.infer<typeof streamNameSchema>;
export type LineFormat = Readonly<z.infer<typeof lineFormatSchema>>;
export type SessionKeyRule = Readonly<z.infer<typeof sessionKeySchema>>;
export type WindowSettings = Readonly<z.infer<typeof windowSettingsSchema>>;
export type StreamSettings = Readonly<z.infer<typeof streamSettingsSchema>>;

/** Why lines that no template of the model fits are not grouped for the time being, over all partitions of a stream. */
export const quarantineSchema = z
  .object({
    /** Epoch milliseconds of its beginning, in the partition where it began first. */
    since: z.int().nonnegative(),
    /** Lines that were put into one group, `<...>`, instead of one of their own. */
    lines: z.int().nonnegative(),
    /** The figures that led into quarantine, in words; of the partition with most such lines. */
    reason: z.string(),
    /** Partitions whose lines are in quarantine. */
    partitions: z.int().positive(),
  })
  .readonly();

/** That the work of a stream is no longer what its model was trained on. */
export const workloadChangeSchema = z
  .object({
    /** Epoch milliseconds of its beginning, in the partition where it began first. */
    since: z.int().nonnegative(),
    /** Share of the last 500 windows that are unlike those of the training, in the partition with most; about 0.05 otherwise. */
    unlikeShare: z.number().min(0).max(1),
  })
  .readonly();

export type WorkloadChange = z.infer<typeof workloadChangeSchema>;
export type Untrained = z.infer<typeof untrainedSchema>;
export type Quarantine = z.infer<typeof quarantineSchema>;

/** How far a stream is that is judged without a model: by what is new or rare among its last windows, and by rates. */
export const untrainedSchema = z
  .object({
    /** Windows seen, in the partition that has seen most; no more are counted than are remembered. */
    windowsSeen: z.int().nonnegative(),
    /** Windows a partition must have seen before one can be flagged; null when the alert budget is too small for that. */
    windowsNeeded: z.int().positive().nullable(),
  })
  .readonly();

/** A source of log lines that shares one model, as the API shows it. */
export const streamSchema = z
  .object({
    name: streamNameSchema,
    settings: streamSettingsSchema,
    activeModelId: z.string().nullable(),
    createdAt: z.int().nonnegative(),
    /** Null while its lines can be grouped. */
    quarantine: quarantineSchema.nullable(),
    /** Null while the work is that of the training, and without a model. */
    workloadChange: workloadChangeSchema.nullable().default(null),
    /** Null once there is a model. */
    untrained: untrainedSchema.nullable(),
  })
  .readonly();

export type Stream = z.infer<typeof streamSchema>;
