import { parseLevel } from './level';
import { epochMs, parseTime } from './event-time';
import { type Attributes, type LineParts, newAttributes } from './log-record';

/** Names under which formats keep the same thing, the most telling first. */
const MESSAGE = [
  'message',
  'msg',
  'log',
  'event',
  'text',
  'body',
  'short_message',
  'Message',
  'MESSAGE',
  '@message',
];
const TIME = [
  'timestamp',
  'time',
  'ts',
  '@timestamp',
  'date',
  'datetime',
  'Timestamp',
  '_time',
  't',
];
const LEVEL = [
  'level',
  'severity',
  'severityText',
  'levelname',
  'loglevel',
  'log.level',
  'lvl',
  'priority',
  'Level',
  '@level',
];
const SERVICE = [
  'service',
  'service.name',
  'app',
  'logger',
  'component',
  'application',
  'logger_name',
  'SYSLOG_IDENTIFIER',
];

/**
 * Reads a line whose parts have names.
 *
 * @param fields scalar values by name
 * @returns a line without a message has its remaining fields as one, `name=value` in their own order
 */
export function readFields(fields: ReadonlyMap<string, string>, receivedAtMs: number): LineParts {
  const used = new Set<string>();
  const take = (names: readonly string[]): string | undefined => {
    for (const name of names) {
      const value = fields.get(name);
      if (value === undefined || value === '' || used.has(name)) continue;
      used.add(name);
      return value;
    }
    return undefined;
  };

  const timestampMs = takeTime(fields, used, receivedAtMs);
  const level = take(LEVEL);
  const service = take(SERVICE);
  const message = take(MESSAGE);
  const attributes = newAttributes();
  for (const [name, value] of fields) {
    if (!used.has(name)) attributes[name] = value;
  }
  return {
    timestampMs,
    service,
    level: level === undefined ? 'unknown' : parseLevel(level),
    message: message ?? describe(attributes),
    attributes,
  };
}

function takeTime(
  fields: ReadonlyMap<string, string>,
  used: Set<string>,
  receivedAtMs: number,
): number | undefined {
  for (const name of TIME) {
    const value = fields.get(name);
    if (value === undefined) continue;
    const time = parseTime(value, receivedAtMs) ?? epochMs(Number(value));
    if (time === undefined) continue;
    used.add(name);
    return time;
  }
  return undefined;
}

function describe(attributes: Attributes): string {
  return Object.entries(attributes)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}
