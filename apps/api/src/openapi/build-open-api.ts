import { problemSchema } from '@logbert/contracts';
import type { OpenAPIObject } from '@nestjs/swagger';
import { z } from 'zod';
import type { Operation } from './operation';
import { OPERATIONS } from './operations';

/** Structures of the document; Nest's own types lag behind OpenAPI 3.1, whose schemas are JSON Schema. */
type Json = Record<string, unknown>;

/** Of the doors under `/api/v1`, not of the program. */
const API_VERSION = '1.0.0';
const PROBLEM_TYPE = 'application/problem+json';

/** The OpenAPI 3.1 document of every public door, made from the schemas that also parse what comes in. */
export function buildOpenApi(): OpenAPIObject {
  const paths: Record<string, Json> = {};
  for (const operation of OPERATIONS) {
    const path = operation.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [operation.method]: describe(operation) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'LogBERT',
      version: API_VERSION,
      description: 'Learns without labels what normal logs look like and explains what breaks.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(OPERATIONS.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: { Problem: jsonSchema(problemSchema, 'output') },
      securitySchemes: { apiKey: { type: 'http', scheme: 'bearer' } },
    },
  };
}

function describe(operation: Operation): Json {
  const { tag, summary, status, answer, type = 'application/json', isPublic, body } = operation;
  return {
    operationId: operationId(operation),
    tags: [tag],
    summary,
    // Keys are optional: a server without any lets everybody in.
    security: isPublic ? [] : [{}, { apiKey: [] }],
    parameters: parametersOf(operation),
    ...(body ? { requestBody: requestBody(body) } : {}),
    responses: {
      [status]: {
        description: summary,
        ...(answer ? { content: { [type]: { schema: jsonSchema(answer, 'output') } } } : {}),
      },
      default: {
        description: 'What went wrong, as a problem document (RFC 9457).',
        content: { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  };
}

function requestBody({ types, schema }: NonNullable<Operation['body']>): Json {
  const media = schema ? { schema: jsonSchema(schema, 'input') } : {};
  return { required: true, content: Object.fromEntries(types.map((type) => [type, media])) };
}

function parametersOf({ params = {}, query }: Operation): Json[] {
  const inPath = Object.entries(params).map(([name, schema]) => ({
    name,
    in: 'path',
    required: true,
    schema: jsonSchema(schema, 'input'),
  }));
  if (!query) return inPath;
  const { properties = {}, required = [] } = jsonSchema(
    query,
    'input',
  ) as z.core.JSONSchema.ObjectSchema;
  const inQuery = Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
  return [...inPath, ...inQuery];
}

/** What JSON Schema cannot say is left open. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const schemaWithDialect: Json = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema: made }) => {
      // A number that comes as text in an address is still a number to the reader.
      const { def } = zodSchema._zod;
      if (def.type === 'number' && 'coerce' in def && def.coerce === true && !made.type) {
        made.type = 'number';
      }
    },
  });
  return Object.fromEntries(Object.entries(schemaWithDialect).filter(([key]) => key !== '$schema'));
}

function operationId({ method, path }: Operation): string {
  // Our own prefix tells nothing; that of another protocol, such as OTLP, keeps the ids apart.
  const words = path
    .replace(/^\/api\/v1\//, '')
    .split('/')
    .filter((part) => part !== '');
  return [method, ...words.map((word) => word.replace(/^:/, 'by-'))]
    .join('-')
    .replace(/-(\w)/g, (_match, letter: string) => letter.toUpperCase());
}
