import { CLASS_OF, DIGIT } from './character-classes';
import { MONTHS, WEEKDAYS } from './mask-names';
import { digits, isEnd, NONE } from './mask-digits';

/*
 * Dates and clocks. The same rules as in `mask-numbers.ts`: code units closed by a zero, the answer is where
 * the mask ends or NONE, and the expression in `default-masks.ts` is the definition.
 */

const SPACE = 0x20;
const PLUS = 0x2b;
const COMMA = 0x2c;
const DASH = 0x2d;
const DOT = 0x2e;
const SLASH = 0x2f;
const COLON = 0x3a;
const UNDERSCORE = 0x5f;
const BIG_T = 0x54;
const BIG_Z = 0x5a;

const IS_MONTH = namesOf(MONTHS);
const IS_WEEKDAY = namesOf(WEEKDAYS);

function namesOf(names: readonly string[]): ReadonlySet<number> {
  return new Set(
    names.map((name) =>
      keyOf(
        Uint16Array.from(name, (_, at) => name.charCodeAt(at)),
        0,
      ),
    ),
  );
}

/** Three ASCII letters as one number; -1 when one of them is another character. */
function keyOf(units: Uint16Array, at: number): number {
  const first = units[at] as number;
  const second = units[at + 1] as number;
  const third = units[at + 2] as number;
  return first > 0x7f || second > 0x7f || third > 0x7f ? -1 : (first << 14) | (second << 7) | third;
}

/** A date with or without a clock and a zone, or a clock alone. */
export function time(units: Uint16Array, at: number, runEnd: number): number {
  if (runEnd - at === 4) return date(units, at);
  if (runEnd - at > 2) return NONE;
  return units[runEnd] === COLON ? clock(units, at, false) : dayFirst(units, runEnd);
}

function isDateMark(unit: number | undefined): boolean {
  return unit === DASH || unit === SLASH || unit === DOT;
}

function date(units: Uint16Array, at: number): number {
  if (!isDateMark(units[at + 4])) return NONE;
  const month = digits(units, at + 5, 1, 2);
  if (month < 0 || !isDateMark(units[month])) return NONE;
  const day = digits(units, month + 1, 1, 2);
  if (day < 0) return NONE;
  const mark = units[day];
  if (mark === BIG_T || mark === SPACE || mark === COLON || mark === UNDERSCORE || mark === DASH) {
    const end = clock(units, day + 1, true);
    if (end >= 0) return end;
  }
  return isEnd(units, day) ? day : NONE;
}

function clock(units: Uint16Array, at: number, hasZone: boolean): number {
  const hours = digits(units, at, 1, 2);
  if (hours < 0 || units[hours] !== COLON) return NONE;
  const minutes = digits(units, hours + 1, 2, 2);
  if (minutes < 0) return NONE;
  if (units[minutes] === COLON) {
    const seconds = digits(units, minutes + 1, 2, 2);
    if (seconds >= 0) {
      if (units[seconds] === DOT || units[seconds] === COMMA) {
        const fraction = digits(units, seconds + 1, 1, 9);
        const end = fraction < 0 ? NONE : withZone(units, fraction, hasZone);
        if (end >= 0) return end;
      }
      const end = withZone(units, seconds, hasZone);
      if (end >= 0) return end;
    }
  }
  return withZone(units, minutes, hasZone);
}

function withZone(units: Uint16Array, at: number, hasZone: boolean): number {
  if (hasZone) {
    const end = zone(units, at);
    if (end >= 0 && isEnd(units, end)) return end;
  }
  return isEnd(units, at) ? at : NONE;
}

function zone(units: Uint16Array, at: number): number {
  const mark = units[at];
  if (mark === BIG_Z) return at + 1;
  if (mark !== PLUS && mark !== DASH) return NONE;
  const hours = digits(units, at + 1, 2, 2);
  if (hours < 0) return NONE;
  return digits(units, units[hours] === COLON ? hours + 1 : hours, 2, 2);
}

/** `Jul 10 10:59:53 2005` with the day of the week or without; `at` is the first letter of a word of three. */
export function namedDate(units: Uint16Array, at: number): number {
  const key = keyOf(units, at);
  if (IS_MONTH.has(key)) return monthFirst(units, at);
  if (!IS_WEEKDAY.has(key)) return NONE;
  const hasComma = units[at + 3] === COMMA;
  const next = hasComma ? at + 4 : at + 3;
  if (units[next] !== SPACE) return NONE;
  if (hasComma) {
    const day = digits(units, next + 1, 1, 2);
    const end = day < 0 ? NONE : dayFirst(units, day);
    if (end >= 0) return end;
  }
  return IS_MONTH.has(keyOf(units, next + 1)) ? monthFirst(units, next + 1) : NONE;
}

/** `06 Nov 1994 08:49:37`, `10/Oct/2000:13:55:36`; `dayEnd` is where the day's digits end. */
function dayFirst(units: Uint16Array, dayEnd: number): number {
  if (!isSeparator(units[dayEnd]) || !isSeparator(units[dayEnd + 4])) return NONE;
  if (!IS_MONTH.has(keyOf(units, dayEnd + 1))) return NONE;
  const year = yearEnd(units, dayEnd + 5);
  if (year < 0) return NONE;
  if (units[year] === SPACE || units[year] === COLON) {
    const end = clock(units, year + 1, false);
    if (end >= 0) return end;
  }
  return isEnd(units, year) ? year : NONE;
}

function isSeparator(unit: number | undefined): boolean {
  return unit === SPACE || unit === SLASH || unit === DASH;
}

function monthFirst(units: Uint16Array, at: number): number {
  if (units[at + 3] !== SPACE) return NONE;
  const from = units[at + 4] === SPACE ? at + 5 : at + 4;
  const day = digits(units, from, 1, 2);
  if (day < 0) return NONE;
  const time = units[day] === SPACE ? clock(units, day + 1, false) : NONE;
  const end = time >= 0 ? time : day;
  const year = zoneAndYear(units, end);
  if (year >= 0) return year;
  return isEnd(units, end) ? end : NONE;
}

/** ` UTC 2005` or ` 2005`. */
function zoneAndYear(units: Uint16Array, at: number): number {
  if (units[at] !== SPACE) return NONE;
  let end = at + 1;
  while (end - at <= 4 && isCapital(units[end] as number)) end++;
  const letters = end - at - 1;
  if (letters === 0) return wholeYear(units, at + 1);
  return letters >= 3 && units[end] === SPACE ? wholeYear(units, end + 1) : NONE;
}

function wholeYear(units: Uint16Array, at: number): number {
  const end = yearEnd(units, at);
  return end >= 0 && isEnd(units, end) ? end : NONE;
}

/** Where four digits end. */
function yearEnd(units: Uint16Array, at: number): number {
  for (let index = at; index < at + 4; index++) {
    if (((CLASS_OF[units[index] as number] as number) & DIGIT) === 0) return NONE;
  }
  return at + 4;
}

function isCapital(unit: number): boolean {
  return unit >= 0x41 && unit <= 0x5a;
}
