/** What a text has of the marks that secrets bear, as bits; a rule whose mark is absent cannot find anything. */
export const HAS_PRIVATE_KEY = 1;
export const HAS_NAME = 2;
export const HAS_BEARER = 4;
export const HAS_JWT = 8;
export const HAS_AWS_KEY = 16;
export const HAS_VENDOR_TOKEN = 32;
export const HAS_AT = 64;
export const HAS_CARD = 128;
export const HAS_FLAG = 256;
export const HAS_PROSE = 512;

const PLAIN = 0;
const DIGIT = 1;
const SEPARATOR = 2;
const AT = 3;
const JOINT = 4;
const BIG_A = 5;
const BIG_J = 6;
const LETTER_B = 7;
const PERCENT = 8;
const LETTER_W = 9;
const LETTER_K = 10;

const KIND_OF: Uint8Array = buildKinds();

function buildKinds(): Uint8Array {
  const kinds = new Uint8Array(0x1_0000);
  const mark = (characters: string, kind: number): void => {
    for (const character of characters) kinds[character.charCodeAt(0)] = kind;
  };
  mark('0123456789', DIGIT);
  mark('=:', SEPARATOR);
  mark('@', AT);
  mark('_-', JOINT);
  mark('A', BIG_A);
  mark('J', BIG_J);
  mark('bB', LETTER_B);
  mark('%', PERCENT);
  mark('wW', LETTER_W);
  mark('kK', LETTER_K);
  return kinds;
}

/** Looks for the marks of all rules in one pass. May name a mark too many, never one too few. */
export function findTriggers(text: string): number {
  const { length } = text;
  let found = 0;
  let runStart = 0;
  let lastRunEnd = -2;
  let lastRunLength = 0;
  let at = 0;
  while (at < length) {
    const unit = text.charCodeAt(at);
    switch (KIND_OF[unit]) {
      case PLAIN:
        break;
      case DIGIT: {
        runStart = at;
        while (at + 1 < length && KIND_OF[text.charCodeAt(at + 1)] === DIGIT) at++;
        const runLength = at + 1 - runStart;
        const isGroup = runLength === 4 || runLength === 6;
        if (runLength === 15 || runLength === 16) found |= HAS_CARD;
        else if (isGroup && lastRunLength === 4 && lastRunEnd === runStart - 1) found |= HAS_CARD;
        lastRunLength = runLength;
        lastRunEnd = at + 1;
        break;
      }
      case SEPARATOR:
        if ((found & HAS_NAME) === 0 && followsSecretName(text, at)) found |= HAS_NAME;
        break;
      case PERCENT:
        if ((found & HAS_NAME) === 0 && text.charCodeAt(at + 1) === 0x33) {
          if (followsSecretName(text, at)) found |= HAS_NAME;
        }
        break;
      case LETTER_W:
        if (lower(text, at - 1) === 0x73 || lower(text, at + 1) === 0x64) found |= HAS_PROSE;
        break;
      case LETTER_K:
        if (lower(text, at + 1) === 0x65 && isBlank(text.charCodeAt(at + 3))) found |= HAS_PROSE;
        break;
      case AT:
        found |= HAS_AT;
        break;
      case JOINT:
        found |= atJoint(text, at);
        break;
      case BIG_A:
        if (text.startsWith('Iza', at + 1)) found |= HAS_VENDOR_TOKEN;
        if (text.charCodeAt(at + 3) === 0x41) found |= HAS_AWS_KEY;
        break;
      case BIG_J:
        if (text.charCodeAt(at - 1) === 0x79 && text.charCodeAt(at - 2) === 0x65) found |= HAS_JWT;
        break;
      default:
        if (lower(text, at + 1) === 0x65 && lower(text, at + 2) === 0x61) found |= HAS_BEARER;
    }
    at++;
  }
  return found;
}

function lower(text: string, at: number): number {
  return text.charCodeAt(at) | 0x20;
}

/** `--name`, `npm_`, `ghp_`, `github_pat_`, `hf_`, `sk-`, `xoxb-`, `glpat-`, `-----BEGIN`. */
function atJoint(text: string, at: number): number {
  const last = text.charCodeAt(at - 1);
  const before = text.charCodeAt(at - 2);
  if (text.charCodeAt(at) === 0x2d && last === 0x2d && text.charCodeAt(at + 1) !== 0x2d) {
    return HAS_FLAG | jointMark(text, at, last, before);
  }
  return jointMark(text, at, last, before);
}

function jointMark(text: string, at: number, last: number, before: number): number {
  const isToken =
    (before === 0x68 && text.charCodeAt(at - 3) === 0x67) ||
    (last === 0x66 && before === 0x68) ||
    (last === 0x74 && before === 0x61) ||
    (last === 0x6b && before === 0x73) ||
    (last === 0x6d && before === 0x70) ||
    (before === 0x78 && text.charCodeAt(at - 3) === 0x6f);
  if (isToken) return HAS_VENDOR_TOKEN;
  return text.charCodeAt(at + 1) === 0x42 && text.charCodeAt(at + 2) === 0x45 ? HAS_PRIVATE_KEY : 0;
}

/** Whether the word before a `=` or `:` may be the name of a secret. */
function followsSecretName(text: string, separator: number): boolean {
  let at = separator - 1;
  for (let skipped = 0; skipped < 4 && isBlank(text.charCodeAt(at)); skipped++) at--;
  const quote = text.charCodeAt(at);
  if (quote === 0x22 || quote === 0x27) at--;
  if (text.charCodeAt(at) === 0x5c) at--;

  const before = lower(text, at - 1);
  const third = lower(text, at - 2);
  switch (lower(text, at)) {
    case 0x64: // passworD, passwD, pwD, access key iD, sessiD, sessioniD
      return before === 0x72 || before === 0x77 || (before === 0x69 && endsId(text, at - 2));
    case 0x65: // passphrasE, cookiE, signaturE
      return (
        (before === 0x73 && third === 0x61) ||
        (before === 0x69 && third === 0x6b) ||
        (before === 0x72 && third === 0x75)
      );
    case 0x67: // siG
      return before === 0x69 && third === 0x73;
    case 0x74: // secreT
      return before === 0x65 && third === 0x72;
    case 0x6e: // tokeN, authorizatioN
      return (
        (before === 0x65 && third === 0x6b) || (before === 0x6f && lower(text, at - 5) === 0x7a)
      );
    case 0x79: // keY
      return before === 0x65 && third === 0x6b;
    case 0x73: // credentialS, pasS
      return (before === 0x6c || before === 0x73) && third === 0x61;
    case 0x6c: // credentiaL
      return before === 0x61 && third === 0x69;
    default:
      return false;
  }
}

/** `y` and a joint of access key id, `s` of sessid, `n` of sessionid. */
function endsId(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  if ((unit | 0x20) === 0x73 || (unit | 0x20) === 0x6e) return true;
  const isJoint = unit === 0x20 || unit === 0x2d || unit === 0x5f;
  return lower(text, isJoint ? at - 1 : at) === 0x79;
}

/** What `\s` may match, or more. */
function isBlank(unit: number): boolean {
  return unit <= 0x20 || unit >= 0x80;
}
