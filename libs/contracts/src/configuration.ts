import * as z from 'zod';
import { streamNameSchema, streamSettingsSchema } from './stream';

const secret = z.string().min(1);

export const serverConfigSchema = z.strictObject({
  host: z.string().min(1).default('127.0.0.1'),
  port: z.int().min(0).max(65_535).default(3000),
  /** Names by which callers without an API key may address the server, beside `localhost`, its addresses and `host`. */
  allowedHosts: z.array(z.string().min(1)).default([]),
  /** Largest accepted body of one request, after decompression. */
  bodyLimitBytes: z.int().min(1_024).default(16_777_216),
  /** Largest accepted log line; a longer one is rejected with its number. Detectors read none beyond 1 MiB. */
  lineLimitBytes: z.int().min(256).max(1_048_576).default(1_048_576),
  /** Requests a client address may make per minute, ingest aside. */
  requestsPerMinute: z.int().min(1).default(1_200),
  /** Streams there may be; lines and settings of one more are refused. */
  maxStreams: z.int().min(1).default(1_000),
});

export const rolesSchema = z.array(z.enum(['api', 'detector', 'trainer'])).min(1);

export const authConfigSchema = z.strictObject({
  /** Bearer tokens that may use the API; with none, every caller may. */
  apiKeys: z.array(z.string().min(16)).default([]),
});

export const databaseConfigSchema = z.strictObject({
  /** PostgreSQL; null runs the embedded PGlite under the data directory. */
  url: z.string().min(1).nullable().default(null),
});

export const spoolConfigSchema = z.strictObject({
  /** A stream has one of its own while there is one left. */
  partitions: z.int().min(1).max(64).default(16),
  segmentBytes: z.int().min(65_536).default(67_108_864),
  /** Consumed segments older than this are deleted. */
  retentionHours: z.number().positive().default(24),
  /** Ingest answers 503 while unread lines leave no room; one stream may have four fifths of it. */
  maxBytes: z.int().min(1_048_576).default(4_294_967_296),
});

const absolutePathSchema = z
  .string()
  .regex(/^(?:\/|[A-Za-z]:[\\/])/, { error: 'must be an absolute path' });

/** PEM files; each connection reads them anew, so that renewed ones count without a restart. */
const certificateFilesSchema = z
  .strictObject({
    /** Authorities that may have signed the certificates of the brokers; null: those that Node knows. */
    caFile: absolutePathSchema.nullable().default(null),
    /** Ours, with those between it and its authority, for brokers that ask for one. */
    certificateFile: absolutePathSchema.nullable().default(null),
    keyFile: absolutePathSchema.nullable().default(null),
    keyPassphrase: secret.nullable().default(null),
  })
  .refine(({ certificateFile, keyFile }) => (certificateFile === null) === (keyFile === null), {
    path: ['keyFile'],
    error: 'certificateFile and keyFile belong together',
  });

export const kafkaConfigSchema = z.strictObject({
  brokers: z.array(z.string().min(1)).default([]),
  clientId: z.string().min(1).default('logbert'),
  groupId: z.string().min(1).default('logbert-detector'),
  /** Topics that carry logs, each with the stream its records belong to unless a header says otherwise. */
  logs: z
    .array(z.strictObject({ topic: z.string().min(1), stream: streamNameSchema }))
    .min(1)
    .default([{ topic: 'logs', stream: 'default' }]),
  /** Whether lines are sent on to `keyedTopic` under the key of their session, and detected from there. */
  rekey: z.boolean().default(false),
  keyedTopic: z.string().min(1).default('logbert.keyed'),
  anomaliesTopic: z.string().min(1).default('anomalies'),
  incidentsTopic: z.string().min(1).default('incidents'),
  deadLetterTopic: z.string().min(1).default('logs.dlq'),
  /** Records handed to a detector at once while a partition is behind by twice as many. */
  backlogBatchSize: z.int().min(1).max(100_000).default(8_000),
  /** Whether missing topics are created at start, with this many partitions. */
  createTopics: z.boolean().default(false),
  partitions: z.int().min(1).default(4),
  ssl: z.boolean().default(false),
  tls: certificateFilesSchema.prefault({}),
  sasl: z
    .strictObject({
      mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']),
      username: z.string().min(1),
      password: secret,
    })
    .nullable()
    .default(null),
});

export const followedFileConfigSchema = z.strictObject({
  /** Absolute, with `*`, `?` or `**` for several files. */
  path: absolutePathSchema,
  stream: streamNameSchema,
  /** Where a file begins that is there already when it is followed for the first time. */
  from: z.enum(['beginning', 'end']).default('beginning'),
});

export const logStreamConfigSchema = z
  .strictObject({
    kind: z.enum(['spool', 'kafka']).default('spool'),
    spool: spoolConfigSchema.prefault({}),
    kafka: kafkaConfigSchema.prefault({}),
    /** Log files that are read as they grow, whatever `kind` is; with the role `detector`. */
    files: z.array(followedFileConfigSchema).default([]),
    /** Records handed to a detector at once. */
    batchSize: z.int().min(1).max(100_000).default(2_000),
  })
  .refine(({ kind, kafka }) => kind !== 'kafka' || kafka.brokers.length > 0, {
    path: ['kafka', 'brokers'],
    error: 'at least one broker is needed when logStream.kind is "kafka"',
  })
  .refine(({ kafka: { ssl, tls } }) => ssl || (tls.caFile ?? tls.certificateFile) === null, {
    path: ['kafka', 'ssl'],
    error: 'must be true when logStream.kafka.tls names certificates',
  })
  .refine(({ kafka }) => kafka.logs.every(({ topic }) => topic !== kafka.keyedTopic), {
    path: ['kafka', 'keyedTopic'],
    error: 'lines that were keyed anew need a topic of their own',
  });

export const artifactsConfigSchema = z
  .strictObject({
    kind: z.enum(['file', 's3']).default('file'),
    s3: z
      .strictObject({
        bucket: z.string().default(''),
        prefix: z.string().default('logbert'),
        region: z.string().default('us-east-1'),
        endpoint: z.string().nullable().default(null),
        forcePathStyle: z.boolean().default(false),
        /** Both null: the credential chain of the AWS SDK. */
        accessKeyId: secret.nullable().default(null),
        secretAccessKey: secret.nullable().default(null),
      })
      .prefault({}),
  })
  .refine(({ kind, s3 }) => kind !== 's3' || s3.bucket !== '', {
    path: ['s3', 'bucket'],
    error: 'a bucket is needed when artifacts.kind is "s3"',
  });

export const modelConfigSchema = z
  .strictObject({
    hidden: z.int().min(16).max(1_024).default(128),
    layers: z.int().min(1).max(12).default(2),
    heads: z.int().min(1).max(16).default(4),
    feedForward: z.int().min(16).max(4_096).default(256),
    dropout: z.number().min(0).max(0.9).default(0.1),
  })
  .refine(({ hidden, heads }) => hidden % heads === 0, {
    path: ['heads'],
    error: 'hidden must be a multiple of heads',
  });

const shareSchema = z.number().gt(0).lt(1);

export const trainingConfigSchema = z.strictObject({
  /** Files named by a training request are looked up here, and nowhere else. */
  importDirectory: z.string().min(1).default('imports'),
  /** Largest file that may be uploaded to train on. */
  uploadLimitBytes: z.int().min(1_024).default(4_294_967_296),
  model: modelConfigSchema.prefault({}),
  epochs: z.int().min(1).default(20),
  batchSize: z.int().min(1).default(64),
  learningRate: z.number().positive().default(0.001),
  weightDecay: z.number().min(0).default(0.01),
  /** Share of a window's lines that training masks: fixed, or drawn between `from` and `to` for each window. */
  maskRatio: z
    .union([
      shareSchema,
      z
        .strictObject({ from: shareSchema, to: shareSchema })
        .refine(({ from, to }) => from <= to, { error: 'from must not be more than to' }),
    ])
    .default(0.3),
  /** Weight of the hypersphere loss beside the masked-key loss. */
  hypersphereWeight: z.number().min(0).default(0.1),
  /** Epochs without a better validation loss after which training stops. */
  patience: z.int().min(1).default(4),
  /** Share of windows kept from training to calibrate the p-values. */
  calibrationShare: z.number().gt(0).lt(0.9).default(0.3),
  /** Largest share of windows that may be left out as too rare to be normal. */
  trimShare: z.number().min(0).lt(0.5).default(0.05),
  /** A source with fewer windows is refused. */
  minWindows: z.int().min(2).default(100),
  /** Jobs that may run at once. */
  concurrency: z.int().min(1).default(1),
  /** A stream with a model is trained again by itself, on its recent lines, when they have grown. */
  retraining: z
    .strictObject({
      enabled: z.boolean().default(false),
      /** So many times the lines that there were when its model was made. */
      growth: z.number().min(1.1).max(1_000).default(2),
      /** From one training of a stream to the next at the least. */
      everyMs: z.int().min(60_000).default(3_600_000),
      /** About so many of the last lines are trained on. */
      lines: z.int().min(1_000).default(500_000),
    })
    .prefault({}),
  seed: z.int().nonnegative().default(1),
});

export const detectionConfigSchema = z.strictObject({
  /** Detector threads; a partition is always worked on by the same one. */
  workers: z.int().min(1).max(64).default(1),
  /** Masked passes a window; each position is covered once. */
  passes: z.int().min(1).max(64).default(4),
  precision: z.enum(['fp32', 'int8']).default('fp32'),
  maxOpenWindows: z.int().min(1).default(100_000),
  /** From one checkpoint of a partition's open windows to the next; longer where they are large. */
  checkpointMs: z.int().min(1).default(2_000),
  /** Lines of a stream kept in memory to show around an anomaly. */
  contextLines: z.int().min(0).max(10_000).default(500),
  /** Whether a template's count in a minute is judged against its own past. */
  rate: z.boolean().default(true),
  /** Lines that no template of the model fits are grouped by a miner of their own, one a partition. */
  novelLines: z
    .strictObject({
      /** The least recently used templates are forgotten beyond either limit. */
      maxTemplates: z.int().min(10).max(1_000_000).default(1_000),
      maxBytes: z.int().min(65_536).default(16_777_216),
      /** When lines count as such that cannot be grouped; then those that are like no template are one group. */
      quarantine: z
        .strictObject({
          windowLines: z.int().min(10).default(2_000),
          /** Share of a window's novel lines that found a template of their own. */
          createdShare: z.number().gt(0).max(1).default(0.5),
          /** Such windows on end, templates having been forgotten in them. */
          windows: z.int().min(1).default(3),
          /** Novel lines until grouping is tried again; twice as many after each try that fails. */
          restLines: z.int().min(1).default(20_000),
        })
        .prefault({}),
    })
    .prefault({}),
});

export const incidentConfigSchema = z.strictObject({
  /** Silence after which an open incident is closed. */
  idleMs: z.int().positive().default(45_000),
  /** Sum of −log10 p of related anomalies from which an incident is opened. */
  openAtEvidence: z.number().positive().default(6),
});

export const retentionConfigSchema = z.strictObject({
  /** Anomalies, closed incidents and their reports are kept this long after they were written. */
  findingsDays: z.number().positive().default(90),
  /** How far back an event stream can resume. */
  eventsHours: z.number().positive().default(24),
});

export const rcaConfigSchema = z.strictObject({
  /** Time before the incident that template rates are compared with. */
  baselineMs: z.int().positive().default(600_000),
  /** Wait after the first anomaly for its companions before the report is written. */
  settleMs: z.int().min(0).default(2_000),
  huggingFace: z
    .strictObject({
      /** A model of the hub, or the name that the endpoint knows. */
      model: z.string().min(1),
      /** Root, `/v1` or full path of an OpenAI-compatible server; null asks the hub. */
      endpointUrl: z.url().nullable().default(null),
      token: secret.nullable().default(null),
      provider: z.string().min(1).nullable().default(null),
      timeoutMs: z.int().positive().default(30_000),
      maxTokens: z.int().positive().default(1_200),
    })
    .nullable()
    .default(null),
});

export const configurationSchema = z.strictObject({
  /** Folder of everything the embedded parts keep, relative to the working directory. */
  dataDirectory: z.string().min(1).default('.logbert'),
  roles: rolesSchema.default(['api', 'detector', 'trainer']),
  server: serverConfigSchema.prefault({}),
  auth: authConfigSchema.prefault({}),
  database: databaseConfigSchema.prefault({}),
  logStream: logStreamConfigSchema.prefault({}),
  artifacts: artifactsConfigSchema.prefault({}),
  training: trainingConfigSchema.prefault({}),
  detection: detectionConfigSchema.prefault({}),
  incidents: incidentConfigSchema.prefault({}),
  rca: rcaConfigSchema.prefault({}),
  retention: retentionConfigSchema.prefault({}),
  /** Settings of streams by name; others get `defaultStream`. */
  streams: z.record(streamNameSchema, streamSettingsSchema).default({}),
  defaultStream: streamSettingsSchema.prefault({}),
  /** Whether an empty data directory starts the demo shop. */
  demo: z.boolean().default(false),
  log: z
    .strictObject({
      level: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
      format: z.enum(['pretty', 'json']).default('json'),
    })
    .prefault({}),
});

type Frozen<Schema extends z.ZodType> = Readonly<z.infer<Schema>>;

export type Configuration = Frozen<typeof configurationSchema>;
export type ServerConfig = Frozen<typeof serverConfigSchema>;
export type Role = z.infer<typeof rolesSchema>[number];
export type AuthConfig = Frozen<typeof authConfigSchema>;
export type DatabaseConfig = Frozen<typeof databaseConfigSchema>;
export type SpoolConfig = Frozen<typeof spoolConfigSchema>;
export type KafkaConfig = Frozen<typeof kafkaConfigSchema>;
export type FollowedFileConfig = Frozen<typeof followedFileConfigSchema>;
export type LogStreamConfig = Frozen<typeof logStreamConfigSchema>;
export type ArtifactsConfig = Frozen<typeof artifactsConfigSchema>;
export type ModelConfig = Frozen<typeof modelConfigSchema>;
export type TrainingConfig = Frozen<typeof trainingConfigSchema>;
export type DetectionConfig = Frozen<typeof detectionConfigSchema>;
export type IncidentConfig = Frozen<typeof incidentConfigSchema>;
export type RetentionConfig = Frozen<typeof retentionConfigSchema>;
export type RcaConfig = Frozen<typeof rcaConfigSchema>;
