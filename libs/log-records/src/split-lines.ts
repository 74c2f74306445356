import { BodyFailure } from './body-failure';
import { decodeUtf8 } from './utf8';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const DEFAULT_MAX_BYTES = 1_048_576;

export interface RejectedLine {
  /** Number of the line, or of the element of a JSON array, from 1. */
  readonly line: number;
  readonly reason: string;
}

export interface SplitBody {
  readonly lines: Uint8Array[];
  readonly rejected: RejectedLine[];
}

const encoder = new TextEncoder();

/**
 * Takes the body of a request apart into lines, one record each.
 *
 * @param contentType NDJSON (`application/x-ndjson`, `application/jsonl`), JSON (an array or one value) or text
 * @returns the lines to keep, and those that cannot be kept: empty, too long or not UTF-8 (NDJSON: not an object)
 * @throws BodyFailure on another content type, and on a JSON body that does not parse
 */
export function splitLines(
  body: Uint8Array,
  contentType: string,
  limits: { readonly maxBytes?: number } = {},
): SplitBody {
  const maxBytes = limits.maxBytes ?? DEFAULT_MAX_BYTES;
  const type = (contentType.split(';')[0] ?? '').trim().toLowerCase();
  switch (type) {
    case 'application/json':
      return splitJson(body, maxBytes);
    case 'application/x-ndjson':
    case 'application/ndjson':
    case 'application/jsonl':
    case 'application/jsonlines':
    case 'application/x-jsonlines':
    case 'application/stream+json':
      return splitText(body, maxBytes, ndjsonProblem);
    case 'text/plain':
    case 'application/octet-stream':
    case '':
      return splitText(body, maxBytes, () => undefined);
    default:
      throw new BodyFailure(
        'content-type',
        `content type "${type}" is not one of text/plain, application/json, application/x-ndjson`,
      );
  }
}

function splitText(
  body: Uint8Array,
  maxBytes: number,
  problemOf: (line: string) => string | undefined,
): SplitBody {
  const lines: Uint8Array[] = [];
  const rejected: RejectedLine[] = [];
  let number = 0;
  for (let start = 0; start < body.length;) {
    const feed = body.indexOf(LINE_FEED, start);
    const next = feed < 0 ? body.length : feed + 1;
    let end = feed < 0 ? body.length : feed;
    if (end > start && body[end - 1] === CARRIAGE_RETURN) end--;
    number++;
    const line = body.subarray(start, end);
    const reason = lineProblem(line, maxBytes, problemOf);
    if (reason === undefined) lines.push(line);
    else rejected.push({ line: number, reason });
    start = next;
  }
  return { lines, rejected };
}

function lineProblem(
  line: Uint8Array,
  maxBytes: number,
  problemOf: (line: string) => string | undefined,
): string | undefined {
  if (line.length > maxBytes) return `too long: ${line.length} bytes, the limit is ${maxBytes}`;
  const text = decodeUtf8(line);
  if (text === undefined) return 'not UTF-8';
  if (text.trim() === '') return 'empty';
  return problemOf(text);
}

function ndjsonProblem(line: string): string | undefined {
  try {
    const value: unknown = JSON.parse(line);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? undefined : 'not a JSON object';
  } catch (error) {
    return `not JSON: ${(error as Error).message}`;
  }
}

function splitJson(body: Uint8Array, maxBytes: number): SplitBody {
  const text = decodeUtf8(body);
  if (text === undefined) throw new BodyFailure('not-utf8', 'the body is not UTF-8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new BodyFailure('json', `the body is not JSON: ${(error as Error).message}`, {
      cause: error,
    });
  }
  const lines: Uint8Array[] = [];
  const rejected: RejectedLine[] = [];
  for (const [index, element] of (Array.isArray(value) ? value : [value]).entries()) {
    const line = encodeElement(element);
    const reason = typeof line === 'string' ? line : lineProblem(line, maxBytes, () => undefined);
    if (typeof line !== 'string' && reason === undefined) lines.push(line);
    else rejected.push({ line: index + 1, reason: reason ?? '' });
  }
  return { lines, rejected };
}

/** The line, or why the element is none. */
function encodeElement(element: unknown): Uint8Array | string {
  if (typeof element === 'string') return encoder.encode(element);
  const isObject = typeof element === 'object' && element !== null && !Array.isArray(element);
  if (!isObject) return 'not an object or a text';
  try {
    return encoder.encode(JSON.stringify(element));
  } catch {
    // Unlike the parser, the writer of JSON calls itself, as deep as the stack goes.
    return 'nested too deeply';
  }
}
