import { CLASS_OF, DIGIT, HEX_DIGIT } from './character-classes';
import { digits, isDigit, isEnd, NONE } from './mask-digits';
import { TIME_UNITS } from './mask-names';

/*
 * Masks that begin with a digit, each by hand. Every function takes the line's code units, closed by a zero, and the
 * position where a mask may begin; it answers where the mask ends, or NONE. The expression in `default-masks.ts` is the
 * definition: where that would go back to a shorter find, so does this.
 */

const SPACE = 0x20;
const PERCENT = 0x25;
const OPEN = 0x28;
const CLOSE = 0x29;
const COMMA = 0x2c;
const DASH = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const COLON = 0x3a;
const SMALL_H = 0x68;
const SMALL_M = 0x6d;
const SMALL_S = 0x73;

function isHex(units: Uint16Array, at: number): boolean {
  return ((CLASS_OF[units[at] as number] as number) & HEX_DIGIT) !== 0;
}

function hexGroup(units: Uint16Array, at: number, length: number): number {
  for (let end = at; end < at + length; end++) if (!isHex(units, end)) return NONE;
  return at + length;
}

/** 8-4-4-4-12 hexadecimal digits. */
export function uuid(units: Uint16Array, at: number): number {
  let end = hexGroup(units, at, 8);
  for (let group = 0; group < 4 && end >= 0; group++) {
    end = units[end] === DASH ? hexGroup(units, end + 1, group === 3 ? 12 : 4) : NONE;
  }
  return end >= 0 && isEnd(units, end) ? end : NONE;
}

/** Six pairs of hexadecimal digits with one separator, `:` or `-`. */
export function mac(units: Uint16Array, at: number): number {
  let end = hexGroup(units, at, 2);
  if (end < 0) return NONE;
  const separator = units[end];
  if (separator !== COLON && separator !== DASH) return NONE;
  for (let group = 0; group < 5 && end >= 0; group++) {
    end = units[end] === separator ? hexGroup(units, end + 1, 2) : NONE;
  }
  return end >= 0 && isEnd(units, end) ? end : NONE;
}

/** Four numbers of one to three digits; what follows is left to the caller. */
export function ipv4(units: Uint16Array, at: number): number {
  let end = digits(units, at, 1, 3);
  for (let part = 0; part < 3 && end >= 0; part++) {
    end = units[end] === DOT ? digits(units, end + 1, 1, 3) : NONE;
  }
  return end;
}

/** `:` and one to five digits. */
export function port(units: Uint16Array, at: number): number {
  const end = units[at] === COLON ? digits(units, at + 1, 1, 5) : NONE;
  return end >= 0 && isEnd(units, end) ? end : NONE;
}

/** One address or several, separated by commas; `first` is where the first ends. */
export function ipv4List(units: Uint16Array, first: number): number {
  let longest = isEnd(units, first) ? first : NONE;
  let end = first;
  while (units[end] === COMMA) {
    end = ipv4(units, units[end + 1] === SPACE ? end + 2 : end + 1);
    if (end < 0) break;
    if (isEnd(units, end)) longest = end;
  }
  return longest;
}

const MAX_V6_LENGTH = 39;

/** An IPv6 address, whole or with `::`, that has a digit. */
export function ipv6(units: Uint16Array, at: number): number {
  if (!hasDigitNearby(units, at)) return NONE;
  let end = at;
  let groups = 0;
  for (;;) {
    const group = hexRun(units, end);
    if (group < 0) break;
    groups++;
    if (groups === 8) return isEnd(units, group) ? group : NONE;
    if (units[group] !== COLON) return NONE;
    if (units[group + 1] === COLON) {
      return groups <= 6 ? ipv6Tail(units, group + 2) : NONE;
    }
    end = group + 1;
  }
  return groups === 0 && units[at] === COLON && units[at + 1] === COLON
    ? ipv6Tail(units, at + 2)
    : NONE;
}

/** Up to six groups after `::`. */
function ipv6Tail(units: Uint16Array, at: number): number {
  let longest = isEnd(units, at) ? at : NONE;
  let end = hexRun(units, at);
  for (let groups = 1; end >= 0 && groups <= 6; groups++) {
    if (isEnd(units, end)) longest = end;
    end = units[end] === COLON ? hexRun(units, end + 1) : NONE;
  }
  return longest;
}

/** Where a whole group of one to four hexadecimal digits ends. */
function hexRun(units: Uint16Array, at: number): number {
  let end = at;
  while (end - at <= 4 && isHex(units, end)) end++;
  return end === at || end - at > 4 ? NONE : end;
}

function hasDigitNearby(units: Uint16Array, at: number): boolean {
  for (let index = at; index < at + MAX_V6_LENGTH; index++) {
    if (isDigit(units, index)) return true;
    if (units[index] !== COLON && !isHex(units, index)) return false;
  }
  return false;
}

/** `0x…`, six or more hexadecimal digits with a letter and a digit, or a number filled up to eight with zeros. */
export function hex(units: Uint16Array, at: number, runEnd: number, seen: number): number {
  const length = runEnd - at;
  if (units[at] === ZERO) {
    const mark = units[at + 1];
    if ((mark === 0x78 || mark === 0x58) && length > 2) {
      let end = at + 2;
      while (isHex(units, end)) end++;
      if (end === runEnd) return end;
    }
    if (seen === DIGIT && length >= 8) return runEnd;
  }
  return seen === HEX_DIGIT && length >= 6 ? runEnd : NONE;
}

/** Where a number with or without a fraction ends. */
function decimal(units: Uint16Array, at: number): number {
  const whole = digits(units, at, 1, Infinity);
  if (whole < 0 || units[whole] !== DOT) return whole;
  const fraction = digits(units, whole + 1, 1, Infinity);
  return fraction < 0 ? whole : fraction;
}

/** Where a unit of bytes such as `B`, `kB`, `MiB` ends; NONE when the word goes on. */
function bytesUnit(units: Uint16Array, at: number): number {
  let end = at;
  if (isScale(units[end])) {
    end++;
    if (units[end] === 0x69) end++;
  }
  return units[end] === 0x42 ? end + 1 : NONE;
}

function isScale(unit: number | undefined): boolean {
  // k K M G T P E
  return (
    unit === 0x6b ||
    unit === 0x4b ||
    unit === 0x4d ||
    unit === 0x47 ||
    unit === 0x54 ||
    unit === 0x50 ||
    unit === 0x45
  );
}

const BYTE = [0x62, 0x79, 0x74, 0x65];

function bytesWord(units: Uint16Array, at: number): number {
  for (let index = 0; index < BYTE.length; index++) {
    if (units[at + index] !== BYTE[index]) return NONE;
  }
  return units[at + 4] === SMALL_S ? at + 5 : at + 4;
}

/** A number with a unit of bytes, and the rounded one that may follow in parentheses. */
export function size(units: Uint16Array, at: number): number {
  const number = decimal(units, at);
  const word = units[number] === SPACE ? number + 1 : number;
  let end = bytesUnit(units, word);
  if (end < 0) end = bytesWord(units, word);
  if (end < 0) return NONE;
  if (units[end] === SPACE && units[end + 1] === OPEN) {
    const rounded = decimal(units, end + 2);
    if (rounded >= 0) {
      const unit = bytesUnit(units, units[rounded] === SPACE ? rounded + 1 : rounded);
      if (unit >= 0 && units[unit] === CLOSE && isEnd(units, unit + 1)) return unit + 1;
    }
  }
  return isEnd(units, end) ? end : NONE;
}

const UNITS_BY_LENGTH: readonly (readonly string[])[] = Array.from({ length: 13 }, (_, length) =>
  TIME_UNITS.filter((unit) => unit.length === length),
);

/** A number with a unit of time; `at` is the first digit. */
export function duration(units: Uint16Array, at: number, isBounded = false): number {
  const number = decimal(units, at);
  if (number < 0) return NONE;
  const hasSpace = units[number] === SPACE;
  const word = hasSpace ? number + 1 : number;
  const first = units[word] as number;
  if (first >= 0x61 && first <= 0x7a) {
    let end = word;
    while (!isEnd(units, end)) end++;
    if (isTimeUnit(units, word, end, hasSpace)) return end;
  } else if ((first === 0xb5 || first === 0x3bc) && units[word + 1] === SMALL_S) {
    if (isEnd(units, word + 2)) return word + 2;
  }
  return isBounded || hasSpace ? NONE : compoundDuration(units, at);
}

function isTimeUnit(units: Uint16Array, from: number, to: number, hasSpace: boolean): boolean {
  const length = to - from;
  const first = units[from];
  if (length === 1) {
    return (
      !hasSpace && (first === SMALL_S || first === SMALL_M || first === SMALL_H || first === 0x64)
    );
  }
  for (const unit of UNITS_BY_LENGTH[length] ?? []) {
    let index = 0;
    while (index < length && unit.charCodeAt(index) === units[from + index]) index++;
    if (index === length) return true;
  }
  return false;
}

/** `1h2m3s` and its parts. */
function compoundDuration(units: Uint16Array, at: number): number {
  let end = digits(units, at, 1, Infinity);
  if (units[end] === SMALL_H) {
    end++;
    const minutes = digits(units, end, 1, Infinity);
    if (minutes >= 0 && units[minutes] === SMALL_M) end = minutes + 1;
  } else if (units[end] === SMALL_M) end++;
  else return NONE;
  const seconds = decimal(units, end);
  if (seconds >= 0 && units[seconds] === SMALL_S) end = seconds + 1;
  return isEnd(units, end) ? end : NONE;
}

/** Digits with any number of fractions and a percent sign; `at` is the first digit. */
export function plainNumber(units: Uint16Array, at: number): number {
  let longest = NONE;
  let end = at;
  for (;;) {
    while (isDigit(units, end)) end++;
    if (units[end] === PERCENT && isEnd(units, end + 1)) longest = end + 1;
    else if (isEnd(units, end)) longest = end;
    if (units[end] !== DOT || !isDigit(units, end + 1)) return longest;
    end++;
  }
}
