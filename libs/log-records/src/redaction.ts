import {
  findTriggers,
  HAS_AT,
  HAS_AWS_KEY,
  HAS_BEARER,
  HAS_CARD,
  HAS_FLAG,
  HAS_JWT,
  HAS_NAME,
  HAS_PRIVATE_KEY,
  HAS_PROSE,
  HAS_VENDOR_TOKEN,
} from './redaction-triggers';

const MARK = '[redacted]';

const SECRET_NAME =
  '(?:passw(?:or)?d|passphrase|(?<![a-z])pass|pwd|sess(?:ion)?id|secret|token|api[-_ ]?key|access[-_ ]?key(?:[-_ ]?id)?|private[-_ ]?key|secret[-_ ]?key|account[-_ ]?key|credentials?)';
const NOT_A_SECRET = '(?!(?:null|none|nil|true|false|undefined|\\[redacted\\]|\\*+)(?![\\w-]))';
const QUOTED = '"[^"\\\\]{0,4096}(?:\\\\.[^"\\\\]{0,4096}){0,64}"|\'[^\']{0,4096}\'';

const SEPARATOR = '(?:=>|[=:]|%3[AD])';
// A quote that is never closed, as in a line that was cut, hides all behind it.
const UNCLOSED = '"[^"]*|\'[^\']*';
const BARE = '[^\\s,;&"\')\\]}]+';
/** Words after "the password is" that tell of its state. */
const NO_VALUE =
  '(?!(?:not|no|too|in|un|re|being|a|an|the|set|sent|empty|missing|wrong|bad|weak|strong|short|long|valid|correct|expired|expiring|old|changed|going|about|only|now|also|still|already|stored|hashed|encrypted|null|none|ok|same|different|unknown|blank|default|optional|mandatory|your|my|our|for|from|by|to|of|on|at)\\b|(?:in|un|re)(?:valid|correct|known|set|quired|jected|voked|newed|set|used)\\b|\\[redacted)';

interface Rule {
  /** The mark without which the pattern finds nothing. */
  readonly trigger: number;
  readonly pattern: RegExp;
  readonly replacement: string;
}

// In order: what an earlier rule has removed, a later one cannot find in pieces.
const RULES: readonly Rule[] = [
  {
    trigger: HAS_PRIVATE_KEY,
    pattern:
      /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g,
    replacement: MARK,
  },
  {
    trigger: HAS_NAME,
    pattern:
      /(\bauthorization["']?\s{0,4}[:=]\s{0,4}["']?)((?:basic|bearer|digest|negotiate|token|aws4-hmac-sha256)\s{1,4})?[^\s"',;]{1,4096}/gi,
    replacement: `$1$2${MARK}`,
  },
  {
    trigger: HAS_NAME,
    pattern: new RegExp(
      `(\\b(?:set-)?cookie(?:\\\\?["'])?\\s{0,4}${SEPARATOR}\\s{0,4})(?!\\[redacted\\])(?:${QUOTED}|[^\\s"'\\\\[{][^"'\\r\\n]*|${UNCLOSED})`,
      'gi',
    ),
    replacement: `$1${MARK}`,
  },
  {
    trigger: HAS_BEARER,
    pattern: /\b(bearer\s{1,4})[\w.~+/=-]{8,4096}/gi,
    replacement: `$1${MARK}`,
  },
  {
    trigger: HAS_JWT,
    pattern: /\beyJ[\w-]{5,4096}\.[\w-]{2,4096}(?:\.[\w-]{0,4096})?/g,
    replacement: MARK,
  },
  { trigger: HAS_AWS_KEY, pattern: /\bA(?:KI|SI|GP|ID|RO)A[A-Z0-9]{16}\b/g, replacement: MARK },
  {
    trigger: HAS_VENDOR_TOKEN,
    pattern:
      /\b(?:gh[pousr]_\w{20,255}|github_pat_\w{20,255}|xox[abprs]-[\w-]{10,255}|sk[-_](?:live|test|proj|ant)[-_][\w-]{10,255}|AIza[\w-]{35}|hf_\w{20,255}|glpat-[\w-]{20,255}|npm_\w{20,255}|sk-(?=[\w-]{0,255}\d)[\w-]{20,255})/g,
    replacement: MARK,
  },
  {
    trigger: HAS_AT,
    pattern: /(:\/\/[^\s/:@]{0,256}:)[^\s/@]{1,256}(?=@)/g,
    replacement: `$1${MARK}`,
  },
  {
    // A password may have blanks: up to the next name or delimiter it is taken for one.
    trigger: HAS_NAME,
    pattern: new RegExp(
      `((?:passw(?:or)?d|passphrase)=)${NOT_A_SECRET}${BARE}(?: (?![\\w.@/-]{1,64}[=:])${BARE}){0,15}`,
      'gi',
    ),
    replacement: `$1${MARK}`,
  },
  {
    trigger: HAS_NAME,
    pattern: /((?:\bsig|signature)(?:=|%3D))[\w%+/=.-]{16,}/gi,
    replacement: `$1${MARK}`,
  },
  {
    trigger: HAS_FLAG,
    pattern: new RegExp(`(--[\\w-]{0,64}?${SECRET_NAME}\\s{1,4})(?!-)(?:${QUOTED}|${BARE})`, 'gi'),
    replacement: `$1${MARK}`,
  },
  {
    trigger: HAS_PROSE,
    pattern: new RegExp(
      `((?:passw(?:or)?d|pwd)\\s{1,4}is:?\\s{1,4})${NO_VALUE}(?:${QUOTED}|${BARE})`,
      'gi',
    ),
    replacement: `$1${MARK}`,
  },
  {
    trigger: HAS_PROSE,
    pattern: /(\b(?:token|key)\s{1,4}is:?\s{1,4})(?=\S{0,255}\d)[^\s,;"')\]}]{8,}/gi,
    replacement: `$1${MARK}`,
  },
  {
    trigger: HAS_NAME,
    pattern: new RegExp(
      `(${SECRET_NAME}(?:\\\\?["'])?\\s{0,4}${SEPARATOR}\\s{0,4})${NOT_A_SECRET}(?:${QUOTED}|\\\\"[^"\\\\]{0,4096}\\\\"|${BARE}|${UNCLOSED})`,
      'gi',
    ),
    replacement: `$1${MARK}`,
  },
  {
    trigger: HAS_AT,
    pattern:
      /(?<![\w.%+-])[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})){1,8}/g,
    replacement: '[redacted-email]',
  },
];

// A card number stands alone or in its printed groups; ids of other kinds rarely do, and fail the check digit.
const CARD =
  /(?<![\w.-])(?:[2-6]\d{14,15}|[2-6]\d{3}([ -])\d{4}\1\d{4}\1\d{4}|3[47]\d{2}([ -])\d{6}\2\d{5})(?![\w-]|\.\d)/g;
const CARD_ISSUER =
  /^(?:4\d{15}|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|3(?:0[0-5]|[689]\d)\d{11}|6(?:011|4[4-9]|5)\d+|35\d{14})$/;

/** Whether a field's name says that its value is a secret. */
export function isSecretName(name: string): boolean {
  return SECRET_FIELD.test(name);
}

const SECRET_FIELD = new RegExp(
  `${SECRET_NAME}$|(?:^|[-_.])(?:authorization|cookie|signature|sig)$`,
  'i',
);

/**
 * Replaces passwords, tokens, keys, e-mail addresses and card numbers.
 *
 * Found by name (`password=…`, JSON and header forms), by shape (JWT, AWS and other well-known keys, PEM blocks,
 * credentials in URLs) and, for cards, by issuer and check digit. Every pattern is bounded, so time is linear.
 *
 * @returns the same text when there is nothing to hide
 */
export function redactSecrets(text: string): string {
  const triggers = findTriggers(text);
  return triggers === 0 ? text : applyRules(text, triggers);
}

/** Applies the rules whose mark the text bears. */
export function applyRules(text: string, triggers: number): string {
  let redacted = (triggers & HAS_NAME) === 0 ? text : hideStructures(text);
  for (const { trigger, pattern, replacement } of RULES) {
    if ((triggers & trigger) !== 0) redacted = redacted.replace(pattern, replacement);
  }
  if ((triggers & HAS_CARD) === 0) return redacted;
  return redacted.replace(CARD, (found) => (isCardNumber(found) ? '[redacted-card]' : found));
}

const STRUCTURE = new RegExp(
  `(?:${SECRET_NAME}|\\bcookie|authorization)(\\\\?)["']\\s{0,4}:\\s{0,4}(?=[[{])(?!\\[redacted)`,
  'gi',
);

/** Hides arrays and objects under the name of a secret, in JSON and in JSON that is quoted in a text. */
function hideStructures(text: string): string {
  let hidden = '';
  let kept = 0;
  STRUCTURE.lastIndex = 0;
  for (let name = STRUCTURE.exec(text); name !== null; name = STRUCTURE.exec(text)) {
    hidden += text.slice(kept, STRUCTURE.lastIndex) + MARK;
    kept = structureEnd(text, STRUCTURE.lastIndex, name[1] !== '');
    STRUCTURE.lastIndex = kept;
  }
  return kept === 0 ? text : hidden + text.slice(kept);
}

/** Where the array or object ends that begins there; the end of the text when it is cut. */
function structureEnd(text: string, start: number, isQuoted: boolean): number {
  let depth = 0;
  let isInText = false;
  for (let at = start; at < text.length; at++) {
    const unit = text[at];
    if (unit === '"') isInText = !isInText;
    else if (unit === '\\') at += isQuoted && text[at + 1] === '"' ? 0 : 1;
    else if (isInText) continue;
    else if (unit === '[' || unit === '{') depth++;
    else if ((unit === ']' || unit === '}') && --depth === 0) return at + 1;
  }
  return text.length;
}

/** Issuer prefix and Luhn check digit. */
function isCardNumber(text: string): boolean {
  const number = text.replace(/[ -]/g, '');
  if (!CARD_ISSUER.test(number)) return false;
  let sum = 0;
  for (let index = number.length - 1, isDoubled = false; index >= 0; index--) {
    const digit = number.charCodeAt(index) - 0x30;
    sum += isDoubled ? (digit > 4 ? 2 * digit - 9 : 2 * digit) : digit;
    isDoubled = !isDoubled;
  }
  return sum % 10 === 0;
}
