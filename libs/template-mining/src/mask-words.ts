import { CLASS_OF, DIGIT, DIGITS, HEX_LETTER, LETTER, LETTERS, setOf } from './character-classes';
import { FILE_ENDINGS, HOST_ENDINGS, PACKAGE_STARTS } from './mask-names';
import { isEnd, NONE } from './mask-digits';
import { port } from './mask-numbers';

/*
 * Masks that are made of words. The same rules as in `mask-numbers.ts`: code units closed by a zero, the answer is where
 * the mask ends or NONE, and the expression in `default-masks.ts` is the definition.
 */

const DASH = 0x2d;
const DOT = 0x2e;
const SLASH = 0x2f;
const COLON = 0x3a;
const QUESTION = 0x3f;
const BACKSLASH = 0x5c;
const AT = 0x40;

const SCHEME = setOf(LETTERS + DIGITS + '+.-');
const URL_BODY = setOf(LETTERS + DIGITS + '!#$%&*+,-./:;=?@\\^_`~');
const URL_LAST = setOf(LETTERS + DIGITS + '#$%&*+-/=@\\^_`~');
const LOCAL_PART = setOf(LETTERS + DIGITS + '._%+-');
const LABEL = setOf(LETTERS + DIGITS + '-');
const LOWER_LABEL = setOf('abcdefghijklmnopqrstuvwxyz' + DIGITS + '-');
const PATH = setOf(LETTERS + DIGITS + '_.+@~%-');
const QUERY = setOf(LETTERS + DIGITS + '_.+@~%&=/*-');
const WINDOWS_PATH = setOf(LETTERS + DIGITS + '_.+@~%$#&()\\-');
const HOST_END_SET = new Set(HOST_ENDINGS);
const PACKAGE_SET = new Set(PACKAGE_STARTS);
const FILE_SET = new Set(FILE_ENDINGS);

const MAX_SCHEME = 16;
const MAX_LOCAL_PART = 64;
const MAX_LABEL = 63;
const MAX_LABELS = 8;

/** `scheme://…` up to a character that no URL has, without the punctuation at its end; `at` is a letter. */
export function url(units: Uint16Array, at: number): number {
  let colon = at + 1;
  while (colon - at <= MAX_SCHEME && SCHEME[units[colon] as number]) colon++;
  const length = colon - at;
  if (length < 2 || length > MAX_SCHEME) return NONE;
  if (units[colon] !== COLON || units[colon + 1] !== SLASH || units[colon + 2] !== SLASH)
    return NONE;
  let longest = NONE;
  for (let end = colon + 3; URL_BODY[units[end] as number]; end++) {
    if (URL_LAST[units[end] as number]) longest = end + 1;
  }
  return longest;
}

export function email(units: Uint16Array, at: number): number {
  let sign = at + 1;
  while (sign - at <= MAX_LOCAL_PART && LOCAL_PART[units[sign] as number]) sign++;
  if (units[sign] !== AT || sign - at > MAX_LOCAL_PART) return NONE;
  let longest = NONE;
  let label = sign + 1;
  for (let labels = 0; labels < MAX_LABELS; labels++) {
    const dot = labelEnd(units, label, LABEL);
    if (dot === label || units[dot] !== DOT) break;
    label = dot + 1;
    let letters = label;
    while (isLetter(units[letters])) letters++;
    const length = letters - label;
    if (length >= 2 && length <= MAX_LABEL && isEnd(units, letters)) longest = letters;
  }
  return longest;
}

function isLetter(unit: number | undefined): boolean {
  return ((CLASS_OF[unit as number] as number) & (HEX_LETTER | LETTER)) !== 0;
}

/** Where a run of label characters ends, at most the longest label's length away. */
function labelEnd(units: Uint16Array, at: number, set: Uint8Array): number {
  let end = at;
  while (end - at < MAX_LABEL && set[units[end] as number]) end++;
  return end;
}

/** Whether a host may begin here: not within a dotted or dashed name, and not with a package's first word. */
export function mayBeginHost(units: Uint16Array, at: number, runEnd: number): boolean {
  if (at >= 2) {
    const before = units[at - 1];
    if ((before === DOT || before === DASH) && !isEnd(units, at - 2)) return false;
  }
  return !(units[runEnd] === DOT && isOneOf(PACKAGE_SET, units, at, runEnd));
}

/** A host's name with a port. */
export function hostPort(units: Uint16Array, at: number): number {
  let isLower = true;
  let label = at;
  for (let labels = 0; labels <= MAX_LABELS; labels++) {
    let end = label;
    let isLetters = true;
    while (LABEL[units[end] as number]) {
      const unit = units[end] as number;
      if (!LOWER_LABEL[unit]) isLower = false;
      if (!(unit >= 0x61 && unit <= 0x7a)) isLetters = false;
      end++;
      if (end - label > MAX_LABEL) return NONE;
    }
    if (end === label || units[label] === DASH) return NONE;
    if (units[end] === COLON && labels > 0) {
      if (!isLetters) return NONE;
      const isHost =
        isOneOf(HOST_END_SET, units, label, end) ||
        (isLower && end - label >= 2 && !isOneOf(FILE_SET, units, label, end));
      return isHost ? port(units, end) : NONE;
    }
    if (units[end] !== DOT) return NONE;
    label = end + 1;
  }
  return NONE;
}

/** A host's name of at least three labels with a well-known last one. */
export function host(units: Uint16Array, at: number): number {
  let longest = NONE;
  let label = at;
  for (let labels = 1; labels <= MAX_LABELS; labels++) {
    const dot = labelEnd(units, label, LABEL);
    if (dot === label || units[label] === DASH || units[dot] !== DOT) break;
    label = dot + 1;
    if (labels < 2) continue;
    let letters = label;
    while (isLetter(units[letters])) letters++;
    if (isHostEnd(units, letters) && isOneOf(HOST_END_SET, units, label, letters))
      longest = letters;
  }
  return longest;
}

function isHostEnd(units: Uint16Array, at: number): boolean {
  if (!isEnd(units, at)) return false;
  const unit = units[at];
  return (unit !== DOT && unit !== DASH) || isEnd(units, at + 1);
}

const LONGEST_NAME = 12;

function isOneOf(set: ReadonlySet<string>, units: Uint16Array, from: number, to: number): boolean {
  if (to - from > LONGEST_NAME) return false;
  let word = '';
  for (let index = from; index < to; index++) word += String.fromCharCode(units[index] as number);
  return set.has(word);
}

/** Two or more `/name`, a slash at the end, and a query; `at` is the first slash. */
export function path(units: Uint16Array, at: number): number {
  let end = at;
  let parts = 0;
  while (units[end] === SLASH && PATH[units[end + 1] as number]) {
    end += 2;
    while (PATH[units[end] as number]) end++;
    parts++;
  }
  if (parts < 2) return NONE;
  if (units[end] === SLASH) end++;
  if (units[end] !== QUESTION || !QUERY[units[end + 1] as number]) return end;
  end += 2;
  while (QUERY[units[end] as number]) end++;
  return end;
}

/** A drive's letter, `:\` and the rest; `at` is the letter. */
export function windowsPath(units: Uint16Array, at: number): number {
  if (units[at + 1] !== COLON || units[at + 2] !== BACKSLASH) return NONE;
  let end = at + 3;
  while (WINDOWS_PATH[units[end] as number]) end++;
  return end === at + 3 ? NONE : end;
}

/** `blk_` and a number. */
export function block(units: Uint16Array, at: number): number {
  // The caller knows the word's three letters and the underscore behind them.
  if (units[at] !== 0x62 || units[at + 1] !== 0x6c || units[at + 2] !== 0x6b) return NONE;
  let end = units[at + 4] === DASH ? at + 5 : at + 4;
  const first = end;
  while (((CLASS_OF[units[end] as number] as number) & DIGIT) !== 0) end++;
  return end > first && isEnd(units, end) ? end : NONE;
}
