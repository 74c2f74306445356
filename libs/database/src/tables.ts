import type {
  AnomalyState,
  Feedback,
  Incident,
  LiveEvent,
  ModelMetrics,
  RootCauseReport,
  SourcePin,
  StreamSettings,
  TrainingJob,
  VerdictState,
} from '@logbert/contracts';
import {
  bigint,
  bigserial,
  boolean,
  doublePrecision,
  integer,
  pgTable,
  primaryKey,
  text,
} from 'drizzle-orm/pg-core';
import type { AnomalyDocument } from './anomaly-document';
import { bytes, document, epochMs, lineText, packedDocument } from './columns';

// Columns are what queries ask for; everything else of a document is in its `jsonb`, or packed where it is large.
// The indexes are in the migrations, which alone build the schema.

export const streams = pgTable('streams', {
  name: text('name').primaryKey(),
  settings: document<StreamSettings>('settings').notNull(),
  createdAt: epochMs('created_at').notNull(),
});

export const trainingJobs = pgTable('training_jobs', {
  id: text('id').primaryKey(),
  stream: text('stream').notNull(),
  state: text('state').notNull(),
  createdAt: epochMs('created_at').notNull(),
  document: document<TrainingJob>('document').notNull(),
  holder: text('holder'),
  heldUntil: epochMs('held_until').notNull().default(0),
  /** With the holder, the fence between those who have worked on the job. */
  attempt: integer('attempt').notNull().default(0),
  sourcePin: document<SourcePin>('source_pin'),
});

export const models = pgTable('models', {
  id: text('id').primaryKey(),
  stream: text('stream').notNull(),
  version: integer('version').notNull(),
  isActive: boolean('is_active').notNull(),
  jobId: text('job_id'),
  metrics: document<ModelMetrics>('metrics').notNull(),
  createdAt: epochMs('created_at').notNull(),
  promotedAt: epochMs('promoted_at'),
});

export const anomalies = pgTable('anomalies', {
  id: text('id').primaryKey(),
  stream: text('stream').notNull(),
  incidentId: text('incident_id'),
  windowKey: lineText('window_key').notNull(),
  firstAt: epochMs('first_at').notNull(),
  lastAt: epochMs('last_at').notNull(),
  pValue: doublePrecision('p_value').notNull(),
  decidingChannel: text('deciding_channel').notNull(),
  services: document<readonly string[]>('services').notNull(),
  packed: packedDocument<AnomalyDocument>('packed'),
  /** Of what was kept before documents were packed. */
  document: document<AnomalyDocument>('document'),
  recordedAt: epochMs('recorded_at').notNull(),
  state: text('state').$type<AnomalyState>().notNull().default('closed'),
  verdict: text('verdict').$type<VerdictState>().notNull().default('immediate'),
  settledAt: epochMs('settled_at'),
  settledPValue: doublePrecision('settled_p_value'),
});

export const incidents = pgTable('incidents', {
  id: text('id').primaryKey(),
  stream: text('stream').notNull(),
  state: text('state').notNull(),
  openedAt: epochMs('opened_at').notNull(),
  fingerprint: document<Readonly<Record<string, number>>>('fingerprint'),
  document: document<Incident>('document').notNull(),
  savedAt: epochMs('saved_at').notNull(),
});

export const grouperStates = pgTable('grouper_states', {
  stream: text('stream').primaryKey(),
  packed: packedDocument<unknown>('packed'),
  /** Of what was kept before states were packed. */
  state: document<unknown>('state'),
  savedAt: epochMs('saved_at').notNull(),
});

export const rootCauses = pgTable('root_causes', {
  incidentId: text('incident_id').primaryKey(),
  document: document<RootCauseReport>('document').notNull(),
});

export const feedback = pgTable('feedback', {
  id: bigserial('id', { mode: 'number' }).primaryKey(),
  anomalyId: text('anomaly_id').notNull(),
  verdict: text('verdict').$type<Feedback['verdict']>().notNull(),
  comment: lineText('comment').notNull(),
  createdAt: epochMs('created_at').notNull(),
});

export const templates = pgTable(
  'templates',
  {
    stream: text('stream').notNull(),
    id: text('id').notNull(),
    template: lineText('template').notNull(),
    count: bigint('count', { mode: 'number' }).notNull(),
    services: document<readonly string[]>('services').notNull(),
    isNovel: boolean('is_novel').notNull(),
  },
  ({ stream, id }) => [primaryKey({ columns: [stream, id] })],
);

export const templateCounts = pgTable(
  'template_counts',
  {
    stream: text('stream').notNull(),
    bucketMs: epochMs('bucket_ms').notNull(),
    /** Empty for lines that no model named. */
    modelId: text('model_id').notNull(),
    service: lineText('service').notNull(),
    templateId: text('template_id').notNull(),
    count: bigint('count', { mode: 'number' }).notNull(),
  },
  ({ stream, bucketMs, modelId, service, templateId }) => [
    primaryKey({ columns: [stream, bucketMs, modelId, service, templateId] }),
  ],
);

export const events = pgTable('events', {
  id: bigserial('id', { mode: 'number' }).primaryKey(),
  event: document<LiveEvent>('event').notNull(),
  createdAt: epochMs('created_at').notNull(),
});

export const detectorStates = pgTable(
  'detector_states',
  {
    source: text('source').notNull(),
    partition: integer('partition').notNull(),
    nextOffset: bigint('next_offset', { mode: 'number' }).notNull(),
    lowWatermark: bigint('low_watermark', { mode: 'number' }).notNull(),
    streams: document<readonly string[]>('streams').notNull(),
    state: bytes('state'),
    savedAt: epochMs('saved_at').notNull(),
  },
  ({ source, partition }) => [primaryKey({ columns: [source, partition] })],
);

export const quarantines = pgTable(
  'quarantines',
  {
    stream: text('stream').notNull(),
    source: text('source').notNull(),
    partition: integer('partition').notNull(),
    since: epochMs('since').notNull(),
    lines: bigint('lines', { mode: 'number' }).notNull(),
    reason: text('reason').notNull(),
  },
  ({ stream, source, partition }) => [primaryKey({ columns: [stream, source, partition] })],
);

export const workloadChanges = pgTable(
  'workload_changes',
  {
    stream: text('stream').notNull(),
    source: text('source').notNull(),
    partition: integer('partition').notNull(),
    since: epochMs('since').notNull(),
    unlikeShare: doublePrecision('unlike_share').notNull(),
  },
  ({ stream, source, partition }) => [primaryKey({ columns: [stream, source, partition] })],
);

export const untrainedWindows = pgTable(
  'untrained_windows',
  {
    stream: text('stream').notNull(),
    source: text('source').notNull(),
    partition: integer('partition').notNull(),
    windows: bigint('windows', { mode: 'number' }).notNull(),
  },
  ({ stream, source, partition }) => [primaryKey({ columns: [stream, source, partition] })],
);

export const templateCountPositions = pgTable(
  'template_count_positions',
  {
    source: text('source').notNull(),
    partition: integer('partition').notNull(),
    stream: text('stream').notNull(),
    nextOffset: bigint('next_offset', { mode: 'number' }).notNull(),
    savedAt: epochMs('saved_at').notNull(),
  },
  ({ source, partition, stream }) => [primaryKey({ columns: [source, partition, stream] })],
);

export const partitionOwners = pgTable(
  'partition_owners',
  {
    source: text('source').notNull(),
    partition: integer('partition').notNull(),
    owner: text('owner').notNull(),
    takenAt: epochMs('taken_at').notNull(),
  },
  ({ source, partition }) => [primaryKey({ columns: [source, partition] })],
);

export const outletCursors = pgTable('outlet_cursors', {
  name: text('name').primaryKey(),
  eventId: bigint('event_id', { mode: 'number' }).notNull(),
  holder: text('holder'),
  heldUntil: epochMs('held_until').notNull(),
});

export const replayedLetters = pgTable(
  'replayed_letters',
  {
    source: text('source').notNull(),
    partition: integer('partition').notNull(),
    offset: bigint('letter_offset', { mode: 'number' }).notNull(),
    replayedAt: epochMs('replayed_at').notNull(),
  },
  ({ source, partition, offset }) => [primaryKey({ columns: [source, partition, offset] })],
);
