import type { LogLevel } from '@logbert/contracts';
import { parseTime } from './event-time';
import { LEVEL_WORDS, parseLevel } from './level';
import { type LineParts, NO_ATTRIBUTES, newAttributes } from './log-record';

const PRIORITY = /<(\d{1,3})>(?:1 )?/y;
const TIMES: readonly RegExp[] = [
  /\[?(\d{4}[-/.]\d\d[-/.]\d\d[ T_-]\d\d[:.]\d\d(?:[:.]\d\d(?:[.,]\d{1,9})?)?(?:Z| ?[-+]\d\d:?\d\d| UTC| GMT)?)\]?:?(?:\s+|$)/y,
  /([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d{1,9})?)\s+/y,
  /\[([A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d{1,9})? \d{4})\]\s+/y,
  /\[?(\d\d\/(?:\d\d\/\d\d \d\d:\d\d:\d\d|[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d [-+]\d{4}))\]?\s+/y,
  /(\d{6} \d{6})\s+/y,
  /(\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?)\s+/y,
];
const SYSLOG_TIME = 1;
const HOST = /[\w.-]{1,64}\s+/y;
const THREAD = /(?:\d{1,7}\s+){0,2}(?:\[[^\]\s]{1,64}\]\s+)?/y;
const LEVEL = new RegExp(
  `(?:[[(<|]\\s?)?(${LEVEL_WORDS.join('|')}|[TDIWEF])(?:\\s?[\\])>|])?(?::\\s*|\\s+|$)(?:[-|]\\s+)?`,
  'iy',
);
const SERVICE =
  /(?:\[([A-Za-z][\w.$/-]{0,63})\]:?\s+|([A-Za-z][\w.$/-]{0,63})(?:\([\w.-]{1,32}\))?(?:\[(\d{1,10})\])?:\s+|([a-z][\w.$/-]{0,63})\s+[-|]\s+)/y;

/**
 * Reads a line of free text: a time, a level and a service in front when they look like it, all else is the message.
 *
 * A service is believed only after a time or a level, so that `error: no space left` keeps its first word.
 */
export function readPlainLine(line: string, receivedAtMs: number): LineParts {
  let at = skip(PRIORITY, line, 0);
  const time = readTime(line, at, receivedAtMs);
  at = time.end;
  const hasTime = time.timestampMs !== undefined;
  if (time.isSyslog) at = skip(HOST, line, at);

  let level = readLevel(line, at, hasTime);
  if (level.end > at) at = level.end;
  else if (hasTime) {
    // Thread or process ids may stand before the level.
    const afterThread = skip(THREAD, line, at);
    level = readLevel(line, afterThread, hasTime);
    if (level.end > afterThread) at = level.end;
  }

  let service: string | undefined;
  let attributes = NO_ATTRIBUTES;
  if (hasTime || level.level !== 'unknown') {
    SERVICE.lastIndex = at;
    const head = SERVICE.exec(line);
    if (head) {
      service = head[1] ?? head[2] ?? head[4];
      if (head[3] !== undefined) {
        const own = newAttributes();
        own['pid'] = head[3];
        attributes = own;
      }
      at = SERVICE.lastIndex;
      if (level.level === 'unknown') {
        level = readLevel(line, at, hasTime);
        if (level.end > at && level.end - at > 2) at = level.end;
        else level = { level: 'unknown', end: at };
      }
    }
  }
  const message = line.slice(at);
  return {
    timestampMs: time.timestampMs,
    service,
    level: level.level,
    message: message === '' ? line : message,
    attributes,
  };
}

function skip(pattern: RegExp, line: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(line) ? pattern.lastIndex : at;
}

function readTime(
  line: string,
  at: number,
  receivedAtMs: number,
): { timestampMs: number | undefined; end: number; isSyslog: boolean } {
  for (const [index, pattern] of TIMES.entries()) {
    pattern.lastIndex = at;
    const found = pattern.exec(line);
    if (!found) continue;
    const timestampMs = parseTime(found[1] ?? '', receivedAtMs);
    if (timestampMs === undefined) continue;
    return { timestampMs, end: pattern.lastIndex, isSyslog: index === SYSLOG_TIME };
  }
  return { timestampMs: undefined, end: at, isSyslog: false };
}

function readLevel(line: string, at: number, hasTime: boolean): { level: LogLevel; end: number } {
  LEVEL.lastIndex = at;
  const found = LEVEL.exec(line);
  const word = found?.[1] ?? '';
  // A lower-case word may begin the sentence itself, and so may a letter where no header is in front.
  const isMarked = word === word.toUpperCase() || /[[\]():|]/.test(found?.[0] ?? '');
  const isLevel = found && isMarked && (hasTime || word.length > 1);
  return isLevel
    ? { level: parseLevel(word), end: LEVEL.lastIndex }
    : { level: 'unknown', end: at };
}
