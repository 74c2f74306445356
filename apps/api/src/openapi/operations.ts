import {
  anomalyHeadSchema,
  anomalySchema,
  deadLetterPageSchema,
  deadLetterReceiptSchema,
  deadLetterReplaySchema,
  demoCommandSchema,
  demoFaultNameSchema,
  demoStateSchema,
  feedbackSchema,
  incidentPatchSchema,
  incidentSchema,
  ingestReceiptSchema,
  modelSchema,
  pageSchema,
  rootCauseReportSchema,
  rootCauseRequestSchema,
  ROUTES,
  streamNameSchema,
  streamSchema,
  streamSettingsSchema,
  templateSchema,
  trainingJobSchema,
  trainingRequestSchema,
  uploadSchema,
} from '@logbert/contracts';
import { z } from 'zod';
import { anomalyListQuerySchema, timelineQuerySchema } from '../anomalies/anomaly-queries';
import { deadLetterListQuerySchema } from '../dead-letters/dead-letters.controller';
import { incidentListQuerySchema } from '../incidents/incidents.controller';
import { ingestQuerySchema } from '../ingest/ingest.controller';
import { modelListQuerySchema, rollbackRequestSchema } from '../models/models.controller';
import { templateListQuerySchema } from '../templates/templates.controller';
import { jobListQuerySchema } from '../training/training.controller';

/** One door, as the documentation shows it. */
export interface Operation {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly query?: z.ZodObject;
  readonly params?: Readonly<Record<string, z.ZodType>>;
  readonly body?: { readonly types: readonly string[]; readonly schema?: z.ZodType };
  readonly status: number;
  /** Content type of the answer; JSON when left out. */
  readonly type?: string;
  readonly answer?: z.ZodType;
  readonly isPublic?: boolean;
}

const JSON_BODY = ['application/json'] as const;
const LINE_TYPES = ['application/x-ndjson', 'application/json', 'text/plain'] as const;
const id = { id: z.string() };
const name = { name: streamNameSchema };
const timelinePointSchema = z.object({
  stream: z.string(),
  at: z.int(),
  count: z.int().nonnegative(),
});
const healthSchema = z.object({ status: z.string() }).loose();

/** Every public door; a test compares this list with the doors that the server really has. */
export const OPERATIONS: readonly Operation[] = [
  {
    method: 'post',
    path: ROUTES.logs,
    tag: 'logs',
    summary:
      'Send log lines: NDJSON, a JSON array or text, plain or compressed. They are durable when the answer comes.',
    query: ingestQuerySchema,
    body: { types: LINE_TYPES },
    status: 202,
    answer: ingestReceiptSchema,
  },
  {
    method: 'post',
    path: ROUTES.otlpLogs,
    tag: 'logs',
    summary: 'Send log records by OTLP/HTTP, as JSON or protobuf.',
    query: z.object({ stream: streamNameSchema.default('default') }),
    body: { types: ['application/json', 'application/x-protobuf'] },
    status: 200,
    answer: z.object({ partialSuccess: z.object({}) }),
  },
  {
    method: 'post',
    path: ROUTES.uploads,
    tag: 'training',
    summary: 'Upload a log file, plain or gzip, to train on.',
    body: { types: ['application/octet-stream'] },
    status: 201,
    answer: uploadSchema,
  },
  {
    method: 'post',
    path: ROUTES.trainingJobs,
    tag: 'training',
    summary: 'Train a model of a stream.',
    body: { types: JSON_BODY, schema: trainingRequestSchema },
    status: 202,
    answer: trainingJobSchema,
  },
  {
    method: 'get',
    path: ROUTES.trainingJobs,
    tag: 'training',
    summary: 'Training jobs, newest first.',
    query: jobListQuerySchema,
    status: 200,
    answer: pageSchema(trainingJobSchema),
  },
  {
    method: 'get',
    path: ROUTES.trainingJob,
    tag: 'training',
    summary: 'One training job with its progress.',
    params: id,
    status: 200,
    answer: trainingJobSchema,
  },
  {
    method: 'delete',
    path: ROUTES.trainingJob,
    tag: 'training',
    summary: 'Cancel a training job.',
    params: id,
    status: 200,
    answer: trainingJobSchema,
  },
  {
    method: 'get',
    path: ROUTES.models,
    tag: 'models',
    summary: 'Trained models, newest first.',
    query: modelListQuerySchema,
    status: 200,
    answer: pageSchema(modelSchema),
  },
  {
    method: 'post',
    path: ROUTES.modelPromote,
    tag: 'models',
    summary: 'Make a model score its stream. A bundle that fails its checks is refused.',
    params: id,
    status: 200,
    answer: modelSchema,
  },
  {
    method: 'post',
    path: ROUTES.modelRollback,
    tag: 'models',
    summary: 'Put the model back that scored the stream before.',
    body: { types: JSON_BODY, schema: rollbackRequestSchema },
    status: 200,
    answer: modelSchema,
  },
  {
    method: 'get',
    path: ROUTES.anomalies,
    tag: 'anomalies',
    summary: 'Anomalies, newest first; with view=head only their heads.',
    query: anomalyListQuerySchema,
    status: 200,
    answer: z.union([pageSchema(anomalySchema), pageSchema(anomalyHeadSchema)]),
  },
  {
    method: 'get',
    path: ROUTES.anomalyTimeline,
    tag: 'anomalies',
    summary: 'How many anomalies began in each interval; intervals without one are left out.',
    query: timelineQuerySchema,
    status: 200,
    answer: pageSchema(timelinePointSchema),
  },
  {
    method: 'get',
    path: ROUTES.anomaly,
    tag: 'anomalies',
    summary: 'One anomaly, line by line.',
    params: id,
    status: 200,
    answer: anomalySchema,
  },
  {
    method: 'post',
    path: ROUTES.anomalyFeedback,
    tag: 'anomalies',
    summary: 'Say whether an anomaly was one.',
    params: id,
    body: { types: JSON_BODY, schema: feedbackSchema },
    status: 204,
  },
  {
    method: 'get',
    path: ROUTES.incidents,
    tag: 'incidents',
    summary: 'Incidents, newest first.',
    query: incidentListQuerySchema,
    status: 200,
    answer: pageSchema(incidentSchema),
  },
  {
    method: 'get',
    path: ROUTES.incident,
    tag: 'incidents',
    summary: 'One incident.',
    params: id,
    status: 200,
    answer: incidentSchema,
  },
  {
    method: 'patch',
    path: ROUTES.incident,
    tag: 'incidents',
    summary: 'Acknowledge or close an incident.',
    params: id,
    body: { types: JSON_BODY, schema: incidentPatchSchema },
    status: 200,
    answer: incidentSchema,
  },
  {
    method: 'get',
    path: ROUTES.incidentRootCause,
    tag: 'incidents',
    summary: 'The root-cause report of an incident.',
    params: id,
    status: 200,
    answer: rootCauseReportSchema,
  },
  {
    method: 'post',
    path: ROUTES.rca,
    tag: 'incidents',
    summary: 'Write the root-cause report of an incident anew. Prose, when configured, follows.',
    body: { types: JSON_BODY, schema: rootCauseRequestSchema },
    status: 200,
    answer: rootCauseReportSchema,
  },
  {
    method: 'get',
    path: ROUTES.templates,
    tag: 'streams',
    summary: 'Templates of a stream, most frequent first.',
    query: templateListQuerySchema,
    status: 200,
    answer: pageSchema(templateSchema),
  },
  {
    method: 'get',
    path: ROUTES.deadLetters,
    tag: 'dead letters',
    summary: 'Records that could not be processed, newest first, with their origin and the reason.',
    query: deadLetterListQuerySchema,
    status: 200,
    answer: deadLetterPageSchema,
  },
  {
    method: 'post',
    path: ROUTES.deadLetterReplay,
    tag: 'dead letters',
    summary:
      'Send dead letters again to where they came from: those named, or all that were not sent again yet.',
    body: { types: JSON_BODY, schema: deadLetterReplaySchema },
    status: 200,
    answer: deadLetterReceiptSchema,
  },
  {
    method: 'get',
    path: ROUTES.streams,
    tag: 'streams',
    summary: 'All streams.',
    status: 200,
    answer: pageSchema(streamSchema),
  },
  {
    method: 'get',
    path: ROUTES.stream,
    tag: 'streams',
    summary: 'One stream.',
    params: name,
    status: 200,
    answer: streamSchema,
  },
  {
    method: 'put',
    path: ROUTES.stream,
    tag: 'streams',
    summary: 'Make a stream, or give it other settings.',
    params: name,
    body: { types: JSON_BODY, schema: streamSettingsSchema },
    status: 200,
    answer: streamSchema,
  },
  {
    method: 'get',
    path: ROUTES.events,
    tag: 'events',
    summary:
      'What happens, as server-sent events. Last-Event-ID resumes; else the present state comes first.',
    query: z.object({
      lastEventId: z.coerce.number().int().optional(),
      access_token: z.string().optional(),
    }),
    status: 200,
    type: 'text/event-stream',
    answer: z.string(),
  },
  {
    method: 'get',
    path: ROUTES.demo,
    tag: 'demo',
    summary: 'State of the demo shop.',
    status: 200,
    answer: demoStateSchema,
  },
  {
    method: 'patch',
    path: ROUTES.demo,
    tag: 'demo',
    summary: 'Whether faults also come by themselves.',
    body: { types: JSON_BODY, schema: demoCommandSchema },
    status: 200,
    answer: demoStateSchema,
  },
  {
    method: 'post',
    path: ROUTES.demoFault,
    tag: 'demo',
    summary: 'Switch a fault on.',
    params: { name: demoFaultNameSchema },
    status: 202,
    answer: demoStateSchema,
  },
  {
    method: 'get',
    path: ROUTES.healthLive,
    tag: 'operations',
    summary: 'Whether the process gets on with its work.',
    status: 200,
    answer: healthSchema,
    isPublic: true,
  },
  {
    method: 'get',
    path: ROUTES.healthReady,
    tag: 'operations',
    summary: 'Whether everything that a request needs can be reached.',
    status: 200,
    answer: healthSchema,
    isPublic: true,
  },
  {
    method: 'get',
    path: ROUTES.metrics,
    tag: 'operations',
    summary: 'Figures for Prometheus.',
    status: 200,
    type: 'text/plain',
    answer: z.string(),
    isPublic: true,
  },
];
