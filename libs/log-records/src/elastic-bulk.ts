import { BodyFailure } from './body-failure';
import { decodeUtf8 } from './utf8';

/** One action of a bulk request, in its order. */
export interface BulkItem {
  readonly action: 'index' | 'create' | 'update' | 'delete';
  readonly index: string | undefined;
  readonly id: string | undefined;
  /** The document as it came, one JSON line; undefined when it is refused. */
  readonly line: Uint8Array | undefined;
  readonly problem: string | undefined;
}

const LINE_FEED = 0x0a;
const ACTIONS = ['index', 'create', 'update', 'delete'] as const;

/**
 * Takes a bulk request of Elasticsearch apart: an action in a line, then its document in the next one.
 *
 * Source: Elasticsearch REST API 8.x, "Bulk index or delete documents". Logs are only added to: `update` and `delete` are refused
 * item by item.
 *
 * @param limits a longer document is refused
 * @throws BodyFailure `bulk` when the order of actions and documents cannot be known, naming the line
 */
export function readBulk(body: Uint8Array, limits: { readonly maxBytes: number }): BulkItem[] {
  const items: BulkItem[] = [];
  const lines = linesOf(body);
  for (let step = lines.next(); step.done !== true; step = lines.next()) {
    const { bytes, number } = step.value;
    if (bytes.length === 0) continue;
    const head = readAction(bytes, number);
    if (head.action === 'delete') {
      items.push({ ...head, line: undefined, problem: 'logs are only added to' });
      continue;
    }
    const document = lines.next();
    if (document.done === true) {
      throw new BodyFailure('bulk', `line ${number}: its document is missing`);
    }
    const line = document.value.bytes;
    const problem =
      head.action === 'update' ? 'logs are only added to' : problemOf(line, limits.maxBytes);
    items.push({ ...head, line: problem === undefined ? line : undefined, problem });
  }
  return items;
}

function* linesOf(body: Uint8Array): Generator<{ bytes: Uint8Array; number: number }, undefined> {
  let number = 0;
  for (let start = 0; start < body.length;) {
    const feed = body.indexOf(LINE_FEED, start);
    const end = feed < 0 ? body.length : feed;
    const isWindows = end > start && body[end - 1] === 0x0d;
    yield { bytes: body.subarray(start, isWindows ? end - 1 : end), number: ++number };
    start = end + 1;
  }
}

function readAction(bytes: Uint8Array, number: number): Pick<BulkItem, 'action' | 'index' | 'id'> {
  const value = parsed(bytes);
  const action = ACTIONS.find((name) => isObject(value) && isObject(value[name]));
  const meta = action === undefined || !isObject(value) ? undefined : value[action];
  if (action === undefined || !isObject(meta)) {
    throw new BodyFailure('bulk', `line ${number}: one of ${ACTIONS.join(', ')} is expected`);
  }
  const text = (name: string) => (typeof meta[name] === 'string' ? meta[name] : undefined);
  return { action, index: text('_index'), id: text('_id') };
}

function problemOf(line: Uint8Array, maxBytes: number): string | undefined {
  if (line.length > maxBytes) return `too long: ${line.length} bytes, the limit is ${maxBytes}`;
  return isObject(parsed(line)) ? undefined : 'not a JSON object';
}

function parsed(bytes: Uint8Array): unknown {
  const text = decodeUtf8(bytes);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
