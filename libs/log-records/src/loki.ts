import { BodyFailure } from './body-failure';
import { readLokiLabels } from './loki-labels';
import { readAnyLine } from './line-decoder';
import { parseBody } from './parse-body';

type Json = Readonly<Record<string, unknown>>;

/** Labels that name the service, the most telling first. */
const SERVICE_LABELS = ['service_name', 'service', 'app', 'application', 'container', 'job'];
const LEVEL_LABELS = ['level', 'detected_level', 'severity'];
const NANOS_PER_MILLI = 1_000_000n;

const encoder = new TextEncoder();

/**
 * Turns a push request of Loki into one JSON line an entry.
 *
 * Source: Grafana Loki HTTP API, "Ingest logs", `POST /loki/api/v1/push`, JSON; a protobuf request has the same form
 * when its labels stay text, `{app="cart"}`.
 *
 * A line has `timestamp` (epoch milliseconds of the entry), `service` and `level` (from the labels, else from the line),
 * `message`, what else the line says, the labels and the entry's structured metadata; the more particular one wins.
 *
 * @param body bytes of the body, or the value they parse to
 * @param receivedAtMs completes times without a year
 * @throws BodyFailure `json` or `loki`, naming the field that is wrong
 */
export function decodeLoki(body: unknown, receivedAtMs: number): Uint8Array[] {
  const request = object(body instanceof Uint8Array ? parseBody(body) : body, 'body');
  const lines: Uint8Array[] = [];
  for (const [index, value] of list(request['streams'], 'streams').entries()) {
    const path = `streams[${index}]`;
    const stream = object(value, path);
    const labels = readLabels(stream['stream'] ?? stream['labels'], `${path}.stream`);
    for (const [at, entry] of list(stream['values'], `${path}.values`).entries()) {
      const entryPath = `${path}.values[${at}]`;
      const fields = readEntry(list(entry, entryPath), { labels, receivedAtMs, path: entryPath });
      lines.push(encoder.encode(JSON.stringify(fields)));
    }
  }
  return lines;
}

function readEntry(
  [time, line, metadata]: readonly unknown[],
  around: {
    readonly labels: ReadonlyMap<string, string>;
    readonly receivedAtMs: number;
    readonly path: string;
  },
): Json {
  const { path } = around;
  if (typeof line !== 'string') throw new BodyFailure('loki', `${path}[1]: a text is expected`);
  const own = metadata === undefined ? [] : readLabels(metadata, `${path}[2]`);
  const labels = new Map([...around.labels, ...own]);
  const parts = readAnyLine(line, around.receivedAtMs);
  const service = firstOf(labels, SERVICE_LABELS) ?? parts.service;
  const level = firstOf(labels, LEVEL_LABELS) ?? parts.level;
  const fields = new Map<string, unknown>([['timestamp', readTime(time, `${path}[0]`)]]);
  if (service !== undefined) fields.set('service', service);
  if (level !== 'unknown') fields.set('level', level);
  fields.set('message', parts.message);
  for (const [name, text] of [...own, ...Object.entries(parts.attributes), ...around.labels]) {
    if (!fields.has(name)) fields.set(name, text);
  }
  return Object.fromEntries(fields);
}

function firstOf(labels: ReadonlyMap<string, string>, names: readonly string[]) {
  const name = names.find((one) => (labels.get(one) ?? '') !== '');
  return name === undefined ? undefined : labels.get(name);
}

function readTime(value: unknown, path: string): number {
  if (typeof value !== 'string' || !/^\d{1,20}$/.test(value)) {
    throw new BodyFailure('loki', `${path}: nanoseconds since 1970 are expected, as a text`);
  }
  return Number(BigInt(value) / NANOS_PER_MILLI);
}

function readLabels(value: unknown, path: string): ReadonlyMap<string, string> {
  if (typeof value === 'string') {
    const labels = readLokiLabels(value);
    if (labels === undefined) throw new BodyFailure('loki', `${path}: labels are expected`);
    return labels;
  }
  const labels = new Map<string, string>();
  for (const [name, text] of Object.entries(object(value, path))) labels.set(name, String(text));
  return labels;
}

function object(value: unknown, path: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw new BodyFailure('loki', `${path}: an object is expected`);
}

function list(value: unknown, path: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new BodyFailure('loki', `${path}: a list is expected`);
}
