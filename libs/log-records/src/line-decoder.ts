import type { LineFormat, SessionKeyRule, StreamSettings } from '@logbert/contracts';
import { DecodeFailure } from './decode-failure';
import { readJsonLine } from './json-line';
import type { LineParts, LogRecord, ReadLine } from './log-record';
import { readLogfmtLine } from './logfmt-line';
import { readPlainLine } from './plain-line';
import { redactSecrets } from './redaction';
import { buildSessionKeyFinder, hideSecretKey } from './session-key';
import { buildTextReader } from './text-line';
import { decodeUtf8 } from './utf8';

/**
 * Reads the bytes of one record.
 *
 * @throws DecodeFailure when they can never be a log record
 */
export type DecodeLine = (value: Uint8Array, receivedAtMs: number) => LogRecord;

const DEFAULT_MAX_BYTES = 1_048_576;
const UNKNOWN_SERVICE = 'unknown';
/** Names are kept in indexes, which bear short texts only. */
const MAX_SERVICE_LENGTH = 256;
/** Longer lines keep their message apart: looking for it can take the square of its length. */
const SEARCHED_CHARACTERS = 4_096;
/** Services whose names lines share; of a stream with more they begin anew. */
const SHARED_SERVICES = 1_024;

/**
 * Builds the decoder of one stream; everything is compiled here, once.
 *
 * A line that does not have the stream's text pattern is read as free text, so that a stack trace is not lost.
 *
 * @throws FormatFailure when the format's or the session key's pattern cannot be used
 */
export function buildDecoder(
  format: LineFormat,
  sessionKey: SessionKeyRule,
  limits: { readonly maxBytes?: number } = {},
): DecodeLine {
  const read = buildReader(format, sessionKey.fields);
  const findSessionKey = buildSessionKeyFinder(sessionKey);
  const maxBytes = limits.maxBytes ?? DEFAULT_MAX_BYTES;
  const services = new SharedTexts(SHARED_SERVICES);

  return (value, receivedAtMs) => {
    if (value.length > maxBytes) {
      throw new DecodeFailure('too-long', `${value.length} bytes are more than ${maxBytes}`);
    }
    const line = readText(value);
    const parts = read(line, receivedAtMs);
    const key = findSessionKey(parts);
    return buildRecord(line, parts, key && hideSecretKey(key), receivedAtMs, services);
  };
}

/**
 * Builds the search for what keeps lines of one stream together: the session key, or the service where a line has none
 * or windows are not of sessions. Undefined for a line that can never be a log record.
 *
 * @throws FormatFailure when the format's or the session key's pattern cannot be used
 */
export function buildGroupFinder({
  format,
  sessionKey,
  window,
}: Pick<StreamSettings, 'format' | 'sessionKey' | 'window'>): (
  value: Uint8Array,
  receivedAtMs: number,
) => string | undefined {
  const isBySession = window.kind === 'session';
  const read = buildReader(format, isBySession ? sessionKey.fields : []);
  const findSessionKey = isBySession ? buildSessionKeyFinder(sessionKey) : undefined;

  return (value, receivedAtMs) => {
    if (value.length > DEFAULT_MAX_BYTES) return undefined;
    try {
      const parts = read(readText(value), receivedAtMs);
      return findSessionKey?.(parts) ?? clipped(parts.service ?? UNKNOWN_SERVICE);
    } catch (error) {
      if (error instanceof DecodeFailure) return undefined;
      throw error;
    }
  };
}

function readText(value: Uint8Array): string {
  const text = decodeUtf8(value);
  if (text === undefined) throw new DecodeFailure('not-utf8', 'the line is not UTF-8');
  const line = withoutLineEnd(text);
  if (line.trim() === '') throw new DecodeFailure('empty', 'the line is empty');
  return line;
}

/** @param asked attributes that somebody will ask for */
function buildReader(
  format: LineFormat,
  asked: readonly string[],
): (line: string, receivedAtMs: number) => LineParts {
  if (format.kind === 'json') return readJsonLine;
  if (format.kind === 'logfmt') {
    return (line, receivedAtMs) => {
      const parts = readLogfmtLine(line, receivedAtMs);
      if (!parts) throw new DecodeFailure('logfmt', 'the line is not made of name=value pairs');
      return parts;
    };
  }
  if (format.kind === 'text') {
    if (format.pattern === undefined) return readPlainLine;
    const readPattern: ReadLine = buildTextReader(format.pattern, asked);
    return (line, receivedAtMs) =>
      readPattern(line, receivedAtMs) ?? readPlainLine(line, receivedAtMs);
  }
  return readAnyLine;
}

const LOGFMT_START = /^[\w.@/-]{1,128}=/;

/** Reads a line of any form: a JSON object, logfmt, or text with or without a header. */
export function readAnyLine(line: string, receivedAtMs: number): LineParts {
  if (line.startsWith('{')) {
    try {
      return readJsonLine(line, receivedAtMs);
    } catch {
      return readPlainLine(line, receivedAtMs);
    }
  }
  const logfmt = LOGFMT_START.test(line) ? readLogfmtLine(line, receivedAtMs) : undefined;
  return logfmt ?? readPlainLine(line, receivedAtMs);
}

function buildRecord(
  line: string,
  parts: LineParts,
  sessionKey: string | undefined,
  receivedAtMs: number,
  services: SharedTexts,
): LogRecord {
  const raw = redactSecrets(line);
  // Escapes may hide from the raw line what the message shows.
  const isClean = raw === line && !line.includes('\\');
  return {
    timestampMs: parts.timestampMs ?? receivedAtMs,
    service: services.of(clipped(parts.service ?? UNKNOWN_SERVICE)),
    level: parts.level,
    message: isClean ? within(raw, parts.message) : redactSecrets(parts.message),
    sessionKey,
    raw,
  };
}

/** The same text as a part of the line, where it is one: lines wait in windows, and one text takes less room than two. */
function within(line: string, text: string): string {
  if (line.length > SEARCHED_CHARACTERS) return text;
  const from = line.indexOf(text);
  return from < 0 ? text : line.slice(from, from + text.length);
}

/** One text for all that are the same, so that each line does not keep its own. */
class SharedTexts {
  private readonly texts = new Map<string, string>();

  constructor(private readonly capacity: number) {}

  of(text: string): string {
    const known = this.texts.get(text);
    if (known !== undefined) return known;
    if (this.texts.size >= this.capacity) this.texts.clear();
    // A copy: a name cut out of a line would keep the line.
    const own = JSON.parse(JSON.stringify(text)) as string;
    this.texts.set(own, own);
    return own;
  }
}

function clipped(service: string): string {
  if (service.length <= MAX_SERVICE_LENGTH) return service;
  // Never half of a pair.
  return service.slice(0, MAX_SERVICE_LENGTH).replace(/[\ud800-\udbff]$/, '');
}

function withoutLineEnd(text: string): string {
  let end = text.length;
  while (end > 0 && (text.charCodeAt(end - 1) === 0x0a || text.charCodeAt(end - 1) === 0x0d)) end--;
  return end === text.length ? text : text.slice(0, end);
}
