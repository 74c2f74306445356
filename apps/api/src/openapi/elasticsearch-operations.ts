import { ROUTES, streamNameSchema } from '@logbert/contracts';
import { z } from 'zod';
import type { Operation } from './operation';

const tag = 'logs';
const query = z.object({ stream: streamNameSchema.default('default') });
const body = { types: ['application/x-ndjson', 'application/json'] };
const name = { name: z.string() };
const bulkSchema = z.object({
  took: z.int().nonnegative(),
  errors: z.boolean(),
  items: z.array(z.record(z.enum(['index', 'create', 'update', 'delete']), z.looseObject({}))),
});
const foundSchema = z.looseObject({});
const found = (path: string, what: string): Operation => ({
  method: 'get',
  path,
  tag,
  summary: `Elasticsearch: every ${what} is there, so that clients set up nothing.`,
  params: name,
  status: 200,
  answer: foundSchema,
});

/** What clients of Elasticsearch ask of a server that they write logs to. */
export const ELASTICSEARCH_OPERATIONS: readonly Operation[] = [
  {
    method: 'get',
    path: ROUTES.elasticsearch,
    tag,
    summary: 'Elasticsearch: name and version. Also at / for clients that ask for JSON.',
    status: 200,
    answer: foundSchema,
  },
  {
    method: 'post',
    path: ROUTES.elasticsearchBulk,
    tag,
    summary: 'Elasticsearch: send documents in bulk, with a result each. Also at /_bulk.',
    query,
    body,
    status: 200,
    answer: bulkSchema,
  },
  {
    method: 'post',
    path: ROUTES.elasticsearchIndexBulk,
    tag,
    summary: 'Elasticsearch: send documents of an index in bulk. Also at /{index}/_bulk.',
    params: { index: z.string() },
    query,
    body,
    status: 200,
    answer: bulkSchema,
  },
  {
    method: 'get',
    path: ROUTES.elasticsearchLicense,
    tag,
    summary: 'Elasticsearch: the licence, which clients ask for before they write.',
    status: 200,
    answer: foundSchema,
  },
  {
    method: 'get',
    path: ROUTES.elasticsearchHealth,
    tag,
    summary: 'Elasticsearch: health of the cluster.',
    status: 200,
    answer: foundSchema,
  },
  found(ROUTES.elasticsearchPolicy, 'lifecycle policy'),
  found(ROUTES.elasticsearchTemplate, 'index template'),
  found(ROUTES.elasticsearchDataStream, 'data stream'),
  found(ROUTES.elasticsearchPipeline, 'ingest pipeline'),
];
