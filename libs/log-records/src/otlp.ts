import { BodyFailure } from './body-failure';
import { parseBody } from './parse-body';

type Json = Readonly<Record<string, unknown>>;

/** Levels by severity number: 1 to 4 is trace, 5 to 8 debug, and so on in fours. */
const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];
const MAX_DEPTH = 16;
const NANOS_PER_MILLI = 1_000_000n;

const encoder = new TextEncoder();

/**
 * Turns an OTLP/HTTP `ExportLogsServiceRequest` in JSON into one JSON line a log record.
 *
 * Source: OpenTelemetry protocol 1.x, `opentelemetry/proto/logs/v1`, JSON mapping.
 *
 * A line has `timestamp` (epoch milliseconds), `service` (the resource's `service.name`), `level`, `message`,
 * `trace_id`, `span_id` and the attributes of the record and its resource; a record's own value wins.
 *
 * @param body bytes of the body, or the value they parse to
 * @throws BodyFailure `json` or `otlp`, naming the field that is wrong
 */
export function decodeOtlp(body: unknown, encoding: 'json'): Uint8Array[] {
  if (encoding !== 'json') throw new BodyFailure('content-type', 'OTLP is taken as JSON only');
  const request = object(body instanceof Uint8Array ? parseBody(body) : body, 'body');
  const lines: Uint8Array[] = [];
  for (const [index, value] of list(request['resourceLogs'], 'resourceLogs').entries()) {
    const path = `resourceLogs[${index}]`;
    const resourceLogs = object(value, path);
    const resource = optionalObject(resourceLogs['resource'], `${path}.resource`);
    const inherited = readAttributes(resource?.['attributes'], `${path}.resource.attributes`);
    const scopes = list(
      resourceLogs['scopeLogs'] ?? resourceLogs['scope_logs'],
      `${path}.scopeLogs`,
    );
    for (const [at, scope] of scopes.entries()) {
      const scopePath = `${path}.scopeLogs[${at}]`;
      const scopeLogs = object(scope, scopePath);
      const records = list(
        scopeLogs['logRecords'] ?? scopeLogs['log_records'],
        `${scopePath}.logRecords`,
      );
      for (const [position, record] of records.entries()) {
        const recordPath = `${scopePath}.logRecords[${position}]`;
        const fields = readRecord(object(record, recordPath), inherited, recordPath);
        lines.push(encoder.encode(JSON.stringify(fields)));
      }
    }
  }
  return lines;
}

function readRecord(record: Json, inherited: ReadonlyMap<string, unknown>, path: string): Json {
  const attributes = new Map([
    ...inherited,
    ...readAttributes(record['attributes'], `${path}.attributes`),
  ]);
  const service = attributes.get('service.name');
  attributes.delete('service.name');

  const fields = new Map<string, unknown>();
  const time =
    readTime(record['timeUnixNano'] ?? record['time_unix_nano'], `${path}.timeUnixNano`) ??
    readTime(record['observedTimeUnixNano'], `${path}.observedTimeUnixNano`);
  if (time !== undefined) fields.set('timestamp', time);
  if (service !== undefined) fields.set('service', service);
  const level = readLevel(record);
  if (level !== undefined) fields.set('level', level);
  const body = readAny(record['body'], `${path}.body`, 0);
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) {
    for (const [name, value] of Object.entries(body)) fields.set(name, value);
  } else if (body !== undefined) fields.set('message', body);
  setText(fields, 'trace_id', record['traceId'] ?? record['trace_id']);
  setText(fields, 'span_id', record['spanId'] ?? record['span_id']);
  for (const [name, value] of attributes) {
    if (!fields.has(name)) fields.set(name, value);
  }
  return Object.fromEntries(fields);
}

function setText(fields: Map<string, unknown>, name: string, value: unknown): void {
  if (typeof value === 'string' && value !== '') fields.set(name, value);
}

function readLevel(record: Json): string | undefined {
  const text = record['severityText'] ?? record['severity_text'];
  if (typeof text === 'string' && text !== '') return text;
  const number = Number(record['severityNumber'] ?? record['severity_number']);
  return number >= 1 ? LEVELS[Math.floor((number - 1) / 4)] : undefined;
}

function readTime(value: unknown, path: string): number | undefined {
  if (value === undefined || value === null || value === 0 || value === '0') return undefined;
  const isInteger =
    (typeof value === 'string' && /^\d{1,20}$/.test(value)) ||
    (typeof value === 'number' && Number.isInteger(value) && value >= 0);
  if (!isInteger) throw new BodyFailure('otlp', `${path}: nanoseconds since 1970 are expected`);
  return Number(BigInt(value) / NANOS_PER_MILLI);
}

function readAttributes(value: unknown, path: string): Map<string, unknown> {
  const attributes = new Map<string, unknown>();
  for (const [index, member] of list(value, path).entries()) {
    const pair = object(member, `${path}[${index}]`);
    const key = pair['key'];
    if (typeof key !== 'string') throw new BodyFailure('otlp', `${path}[${index}].key: no text`);
    const read = readAny(pair['value'], `${path}[${index}].value`, 0);
    if (read !== undefined) attributes.set(key, read);
  }
  return attributes;
}

function readAny(value: unknown, path: string, depth: number): unknown {
  if (value === undefined || value === null) return undefined;
  if (depth > MAX_DEPTH) throw new BodyFailure('otlp', `${path}: nested too deeply`);
  const any = object(value, path);
  for (const name of ['stringValue', 'boolValue', 'doubleValue', 'bytesValue']) {
    if (any[name] !== undefined) return any[name];
  }
  // 64-bit integers travel as text; they stay text, so that none is rounded.
  if (any['intValue'] !== undefined) return String(any['intValue']);
  if (any['arrayValue'] !== undefined) {
    const array = object(any['arrayValue'], `${path}.arrayValue`);
    return list(array['values'], `${path}.arrayValue.values`).map((member, index) =>
      readAny(member, `${path}.arrayValue.values[${index}]`, depth + 1),
    );
  }
  if (any['kvlistValue'] === undefined) return undefined;
  const pairs = object(any['kvlistValue'], `${path}.kvlistValue`);
  const members = list(pairs['values'], `${path}.kvlistValue.values`).map((member, index) => {
    const pair = object(member, `${path}.kvlistValue.values[${index}]`);
    return [String(pair['key']), readAny(pair['value'], path, depth + 1)] as const;
  });
  return Object.fromEntries(members);
}

function object(value: unknown, path: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw new BodyFailure('otlp', `${path}: an object is expected`);
}

function optionalObject(value: unknown, path: string): Json | undefined {
  return value === undefined || value === null ? undefined : object(value, path);
}

function list(value: unknown, path: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  throw new BodyFailure('otlp', `${path}: a list is expected`);
}
