import { DIGIT, HEX_DIGIT, LETTER } from './character-classes';
import { DEFAULT_MASK_NAMES } from './default-masks';
import { namedDate, time } from './mask-dates';
import { NONE } from './mask-digits';
import {
  duration,
  hex,
  ipv4,
  ipv4List,
  ipv6,
  mac,
  plainNumber,
  port,
  size,
  uuid,
} from './mask-numbers';
import { block, email, host, hostPort, mayBeginHost, path, url, windowsPath } from './mask-words';

const SPACE = 0x20;
const PERCENT = 0x25;
const DASH = 0x2d;
const DOT = 0x2e;
const SLASH = 0x2f;
const COLON = 0x3a;
const PLUS = 0x2b;
const LESS = 0x3c;
const UNDERSCORE = 0x5f;

function kind(name: string): number {
  return DEFAULT_MASK_NAMES.indexOf(name);
}

const URL = kind('URL');
const EMAIL = kind('EMAIL');
const UUID = kind('UUID');
const MAC = kind('MAC');
const ENDPOINT = kind('ENDPOINT');
const IP = kind('IP');
const TIME = kind('TIME');
const HOST = kind('HOST');
const HEX = kind('HEX');
const SIZE = kind('SIZE');
const DURATION = kind('DURATION');
const PATH = kind('PATH');
const BLOCK = kind('BLOCK');
const NUM = kind('NUM');

/**
 * Finds the default masks by hand: where the expression in `default-masks.ts` would find one at a position, and no
 * other way.
 */
export class DefaultMaskFinder {
  /** Index in `DEFAULT_MASK_NAMES` of the mask found last. */
  found = NUM;
  /** Whether the line has an `@` at all; set by the caller. */
  hasAt = false;

  /**
   * Tries the masks that begin with a letter or digit.
   *
   * @param units the line, closed by a zero
   * @param at first letter or digit of a run
   * @param runEnd where that run ends
   * @param seen the classes of its characters, or-ed
   * @returns where the mask ends, NONE when there is none
   */
  atWord(units: Uint16Array, at: number, runEnd: number, seen: number): number {
    const next = units[runEnd] as number;
    const isNumber = (units[at] as number) <= 0x39;
    let end: number;
    if (!isNumber && (next === COLON || next === DASH || next === DOT || next === PLUS)) {
      if ((end = url(units, at)) >= 0) return this.is(URL, end);
    }
    if (this.hasAt && (end = email(units, at)) >= 0) return this.is(EMAIL, end);

    const length = runEnd - at;
    const isHex = (seen & LETTER) === 0;
    if (isHex && next === DASH && length === 8 && (end = uuid(units, at)) >= 0) {
      return this.is(UUID, end);
    }
    if (isHex && length === 2 && (next === COLON || next === DASH)) {
      if ((end = mac(units, at)) >= 0) return this.is(MAC, end);
    }
    const address = isNumber && next === DOT ? ipv4(units, at) : NONE;
    if (address >= 0 && (end = port(units, address)) >= 0) return this.is(ENDPOINT, end);
    const isHost = (next === DOT || next === DASH) && mayBeginHost(units, at, runEnd);
    if (isHost && (end = hostPort(units, at)) >= 0) return this.is(ENDPOINT, end);
    if (isHex && next === COLON && length <= 4 && (end = ipv6(units, at)) >= 0) {
      return this.is(IP, end);
    }
    if (address >= 0 && (end = ipv4List(units, address)) >= 0) return this.is(IP, end);
    if (isNumber && seen === DIGIT && (end = time(units, at, runEnd)) >= 0) {
      return this.is(TIME, end);
    }
    if (isHost && (end = host(units, at)) >= 0) return this.is(HOST, end);
    return isNumber
      ? this.atNumber(units, at, runEnd, seen)
      : this.atLetters(units, at, runEnd, seen);
  }

  /** Tries the masks that begin with a word of three letters, before a blank or a comma. */
  atName(units: Uint16Array, at: number): number {
    const end = namedDate(units, at);
    return end >= 0 ? this.is(TIME, end) : NONE;
  }

  private atNumber(units: Uint16Array, at: number, runEnd: number, seen: number): number {
    let end = hex(units, at, runEnd, seen);
    if (end >= 0) return this.is(HEX, end);
    const next = units[runEnd] as number;
    const isPlain = seen === DIGIT && next !== SPACE && next !== DOT;
    if (!isPlain || next > 0x7f) {
      if ((end = size(units, at)) >= 0) return this.is(SIZE, end);
      if ((end = duration(units, at)) >= 0) return this.is(DURATION, end);
    }
    if (seen === DIGIT && next !== DOT && next !== PERCENT) return this.is(NUM, runEnd);
    return (end = plainNumber(units, at)) >= 0 ? this.is(NUM, end) : NONE;
  }

  private atLetters(units: Uint16Array, at: number, runEnd: number, seen: number): number {
    const length = runEnd - at;
    if (seen === HEX_DIGIT && length >= 6) return this.is(HEX, runEnd);
    let end: number;
    if (length === 1 && units[runEnd] === COLON && (end = windowsPath(units, at)) >= 0) {
      return this.is(PATH, end);
    }
    if (length === 3 && units[runEnd] === UNDERSCORE && (end = block(units, at)) >= 0) {
      return this.is(BLOCK, end);
    }
    return NONE;
  }

  /**
   * Tries the masks that begin with another character, at one that no letter or digit precedes.
   *
   * @returns where the mask ends, NONE when there is none
   */
  atMark(units: Uint16Array, at: number): number {
    const mark = units[at];
    let end = NONE;
    if (mark === SLASH) {
      if ((end = path(units, at)) >= 0) return this.is(PATH, end);
    } else if (mark === COLON) {
      if (units[at + 1] === COLON && (end = ipv6(units, at)) >= 0) return this.is(IP, end);
    } else if (isDigitUnit(units[at + 1])) {
      if (mark === LESS) {
        if ((end = duration(units, at + 1, true)) >= 0) return this.is(DURATION, end);
      } else if ((end = plainNumber(units, at + 1)) >= 0) return this.is(NUM, end);
    }
    return NONE;
  }

  private is(mask: number, end: number): number {
    this.found = mask;
    return end;
  }
}

function isDigitUnit(unit: number | undefined): boolean {
  return unit !== undefined && unit >= 0x30 && unit <= 0x39;
}
