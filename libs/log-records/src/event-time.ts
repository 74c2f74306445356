const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const MONTHS = 'janfebmaraprmayjunjulaugsepoctnovdec';

/**
 * Reads a time in the formats that logs use. Without a zone it is UTC, without a year the one that brings it
 * closest before the time of receipt (a day ahead at most, for clocks that differ).
 *
 * Formats: ISO 8601 and its variants with `/`, `.`, a space or a comma; `081109 203530`; `17/06/09 20:10:40`;
 * `20171223-22:15:29:606`; `03-17 16:13:38.811`; `10.30 16:49:06`; syslog `Jun 14 15:16:01`; `Sun Dec 04 04:47:44 2005`;
 * nginx `10/Oct/2000:13:55:36 -0700`; RFC 2822; epoch seconds, milli-, micro- and nanoseconds.
 *
 * @returns epoch milliseconds, whole; undefined when the text is none of these or no such time exists
 */
export function parseTime(text: string, receivedAtMs: number): number | undefined {
  const first = text.charCodeAt(0);
  if (isDigit(first)) return parseNumericTime(text, receivedAtMs);
  if (text.length < 12 || text.length > 40) return undefined;
  return parseNamedTime(text, receivedAtMs);
}

function parseNumericTime(text: string, receivedAtMs: number): number | undefined {
  const separator = text.charCodeAt(4);
  if (text.length >= 16 && (separator === DASH || separator === SLASH || separator === DOT)) {
    return parseIso(text);
  }
  if (text.length === 13 && text.charCodeAt(6) === SPACE) return parseCompact(text);
  const short = text.charCodeAt(2);
  if (short === SLASH) {
    return isDigit(text.charCodeAt(3)) ? parseShortYear(text) : parseApache(text);
  }
  if (short === DASH || short === DOT) return parseWithoutYear(text, receivedAtMs);
  if (text.charCodeAt(8) === DASH) return parseDense(text);
  return parseEpoch(text);
}

const SPACE = 0x20;
const PLUS = 0x2b;
const COMMA = 0x2c;
const DASH = 0x2d;
const DOT = 0x2e;
const SLASH = 0x2f;
const COLON = 0x3a;

/** `yyyy-MM-dd HH:mm[:ss[.fff…]][zone]`; each separator is whatever single character stands there. */
function parseIso(text: string): number | undefined {
  const year = digits(text, 0, 4);
  const date = dateOf(year, digits(text, 5, 2), digits(text, 8, 2));
  if (date === undefined) return undefined;
  return clockAt(text, 11, date);
}

/** `yyMMdd HHmmss` */
function parseCompact(text: string): number | undefined {
  const date = dateOf(2000 + digits(text, 0, 2), digits(text, 2, 2), digits(text, 4, 2));
  const time = timeOf(digits(text, 7, 2), digits(text, 9, 2), digits(text, 11, 2));
  return date === undefined || time === undefined ? undefined : date + time;
}

/** `yy/MM/dd HH:mm:ss` */
function parseShortYear(text: string): number | undefined {
  if (digits(text, 6, 4) >= 0) return undefined; // 06/14/2005: day and month cannot be told apart
  const date = dateOf(2000 + digits(text, 0, 2), digits(text, 3, 2), digits(text, 6, 2));
  return date === undefined ? undefined : clockAt(text, 9, date);
}

/** `yyyyMMdd-HH:mm:ss:fff`, hours without a leading zero allowed */
function parseDense(text: string): number | undefined {
  const date = dateOf(digits(text, 0, 4), digits(text, 4, 2), digits(text, 6, 2));
  if (date === undefined) return undefined;
  const parts = text.slice(9).split(':');
  const [hours, minutes, seconds, millis] = parts.map((part) => (part === '' ? NaN : Number(part)));
  if (hours === undefined || minutes === undefined || seconds === undefined) return undefined;
  const time = timeOf(hours, minutes, seconds);
  return time === undefined ? undefined : date + time + Math.trunc(millis ?? 0);
}

/** `dd/Mon/yyyy:HH:mm:ss zone` */
function parseApache(text: string): number | undefined {
  const month = monthOf(text, 3);
  const date = dateOf(digits(text, 7, 4), month, digits(text, 0, 2));
  return date === undefined ? undefined : clockAt(text, 12, date);
}

/** `MM-dd HH:mm:ss` or `MM.dd HH:mm:ss` */
function parseWithoutYear(text: string, receivedAtMs: number): number | undefined {
  if (text.charCodeAt(5) !== SPACE) return parseEpoch(text);
  return withYear(receivedAtMs, (year) => {
    const date = dateOf(year, digits(text, 0, 2), digits(text, 3, 2));
    return date === undefined ? undefined : clockAt(text, 6, date);
  });
}

function parseEpoch(text: string): number | undefined {
  if (!/^\d{9,19}(?:\.\d{1,9})?$/.test(text)) return undefined;
  return epochMs(Number(text));
}

/** Milliseconds of an epoch number in s, ms, µs or ns, told apart by size; undefined before 1973. */
export function epochMs(value: number): number | undefined {
  if (!(value >= 1e8)) return undefined;
  if (value < 1e11) return Math.round(value * 1_000);
  if (value < 1e14) return Math.floor(value);
  if (value < 1e17) return Math.floor(value / 1e3);
  return value < 1e20 ? Math.floor(value / 1e6) : undefined;
}

const SYSLOG =
  /^(?:[A-Za-z]{3},? +)?([A-Za-z]{3}) +(\d{1,2}) (?:(\d{4}) )?(\d\d:\d\d:\d\d(?:\.\d{1,9})?)(?: [A-Z]{3,4})?(?: (\d{4}))?$/;
const RFC_2822 =
  /^(?:[A-Za-z]{3}, )?(\d{1,2}) ([A-Za-z]{3}) (\d{4}) (\d\d:\d\d(?::\d\d)?(?: (?:[-+]\d{4}|GMT|UTC|Z))?)$/;

function parseNamedTime(text: string, receivedAtMs: number): number | undefined {
  const syslog = SYSLOG.exec(text);
  if (syslog) {
    const [, month = '', day, yearBefore, clock = '', yearAfter] = syslog;
    const stated = yearBefore ?? yearAfter;
    const inYear = (year: number): number | undefined => {
      const date = dateOf(year, monthOf(month, 0), Number(day));
      return date === undefined ? undefined : clockAt(clock, 0, date);
    };
    return stated === undefined ? withYear(receivedAtMs, inYear) : inYear(Number(stated));
  }
  const mail = RFC_2822.exec(text);
  if (!mail) return undefined;
  const [, day, month = '', year, clock = ''] = mail;
  const date = dateOf(Number(year), monthOf(month, 0), Number(day));
  return date === undefined ? undefined : clockAt(clock, 0, date);
}

function withYear(
  receivedAtMs: number,
  inYear: (year: number) => number | undefined,
): number | undefined {
  const year = new Date(receivedAtMs).getUTCFullYear();
  const candidate = inYear(year);
  if (candidate !== undefined && candidate <= receivedAtMs + DAY_MS) return candidate;
  return inYear(year - 1) ?? candidate;
}

/** `HH:mm[:ss[.fff…]][zone]` from a position to the end of the text, added to a date. */
function clockAt(text: string, from: number, date: number): number | undefined {
  const hours = digits(text, from, 2);
  const minutes = digits(text, from + 3, 2);
  let at = from + 5;
  let seconds = 0;
  let millis = 0;
  const mark = text.charCodeAt(at);
  if ((mark === COLON || mark === DOT) && isDigit(text.charCodeAt(at + 1))) {
    seconds = digits(text, at + 1, 2);
    at += 3;
    const fraction = text.charCodeAt(at);
    if (fraction === DOT || fraction === COMMA || fraction === COLON) {
      let scale = 100;
      for (at++; isDigit(text.charCodeAt(at)); at++) {
        millis += (text.charCodeAt(at) - 0x30) * scale;
        scale /= 10;
      }
    }
  }
  const time = timeOf(hours, minutes, seconds);
  const offset = at >= text.length ? 0 : zoneOffset(text, at);
  if (time === undefined || offset === undefined) return undefined;
  return date + time + Math.floor(millis + 1e-6) - offset;
}

function zoneOffset(text: string, from: number): number | undefined {
  const at = text.charCodeAt(from) === SPACE ? from + 1 : from;
  const sign = text.charCodeAt(at);
  if (sign === PLUS || sign === DASH) {
    const hours = digits(text, at + 1, 2);
    if (hours < 0 || hours > 18) return undefined;
    const hasColon = text.charCodeAt(at + 3) === COLON;
    const minutes = text.length > at + 3 ? digits(text, at + (hasColon ? 4 : 3), 2) : 0;
    if (minutes < 0 || minutes > 59) return undefined;
    return (sign === PLUS ? 1 : -1) * (hours * 60 + minutes) * MINUTE_MS;
  }
  const zone = text.slice(at);
  return zone === 'Z' || zone === 'z' || zone === 'UTC' || zone === 'GMT' ? 0 : undefined;
}

/** A number of exactly so many digits; −1 when one of the characters is none. */
function digits(text: string, from: number, count: number): number {
  let value = 0;
  for (let index = from; index < from + count; index++) {
    const digit = text.charCodeAt(index) - 0x30;
    if (!(digit >= 0 && digit <= 9)) return -1;
    value = value * 10 + digit;
  }
  return value;
}

function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39;
}

function monthOf(text: string, from: number): number {
  const at = MONTHS.indexOf(text.slice(from, from + 3).toLowerCase());
  return at >= 0 && at % 3 === 0 ? at / 3 + 1 : -1;
}

/** The days that were asked for last, by year, month and day as one number: times of one log are of few days. */
const KNOWN_DAYS = 64;
const knownDays = new Map<number, number>();

function dateOf(year: number, month: number, day: number): number | undefined {
  if (year < 1970 || year > 9_999 || month < 1 || month > 12 || day < 1) return undefined;
  const name = (year * 16 + month) * 128 + day;
  const known = knownDays.get(name);
  if (known !== undefined) return known;
  if (day > 28 && day > new Date(Date.UTC(year, month, 0)).getUTCDate()) return undefined;
  const date = Date.UTC(year, month - 1, day);
  if (knownDays.size >= KNOWN_DAYS) knownDays.clear();
  knownDays.set(name, date);
  return date;
}

function timeOf(hours: number, minutes: number, seconds: number): number | undefined {
  const isTime =
    hours >= 0 && hours <= 23 && minutes >= 0 && minutes <= 59 && seconds >= 0 && seconds <= 60;
  return isTime ? ((hours * 60 + minutes) * 60 + seconds) * 1_000 : undefined;
}
