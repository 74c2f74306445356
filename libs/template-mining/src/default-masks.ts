import type { MaskRule } from './mask-rule';
import {
  FILE_ENDINGS,
  HOST_ENDINGS,
  MONTHS,
  PACKAGE_STARTS,
  TIME_UNITS,
  WEEKDAYS,
} from './mask-names';

const HEX = '[0-9A-Fa-f]';
const GROUP = `${HEX}{1,4}`;
const IPV4 = '[0-9]{1,3}(?:\\.[0-9]{1,3}){3}';
const IPV6 = `(?=[0-9A-Fa-f:]{0,38}[0-9])(?:(?:${GROUP}:){7}${GROUP}|(?:${GROUP}(?::${GROUP}){0,5})?::(?:${GROUP}(?::${GROUP}){0,5})?)`;
const CLOCK = '[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?';
const ZONE = '(?:Z|[+-][0-9]{2}:?[0-9]{2})?';
const WEEKDAY = `(?:${WEEKDAYS.join('|')})`;
const MONTH = `(?:${MONTHS.join('|')})`;
// `Sun Jul 10 10:59:53 UTC 2005` and `Sun, 06 Nov 1994 08:49:37`, `10/Oct/2000:13:55:36`.
const NAMED_DATE = `(?:${WEEKDAY},? )?${MONTH} {1,2}[0-9]{1,2}(?: ${CLOCK})?(?:(?: [A-Z]{3,4})? [0-9]{4})?`;
const DAY_FIRST = `(?:${WEEKDAY}, )?[0-9]{1,2}[ /-]${MONTH}[ /-][0-9]{4}(?:[ :]${CLOCK})?`;
const HOST_START = `(?<![A-Za-z0-9][.-])(?!(?:${PACKAGE_STARTS.join('|')})\\.)`;
const LABEL = '[A-Za-z0-9][A-Za-z0-9-]{0,62}\\.';
const LOWER_LABEL = '[a-z0-9][a-z0-9-]{0,62}\\.';
const HOST_END = `(?:${HOST_ENDINGS.join('|')})`;
const NO_FILE = `(?!(?:${FILE_ENDINGS.join('|')}):)`;
const DECIMAL = '[0-9]+(?:\\.[0-9]+)?';
const BYTES = '(?:[kKMGTPE]i?)?B';

/**
 * What varies in most logs, each kind with its expression, the most telling first. At one place the first that fits
 * wins; a mask begins and ends where no ASCII letter or digit touches it. All bounds keep the time linear.
 */
const KINDS: readonly (readonly [name: string, pattern: string])[] = [
  ['URL', '[A-Za-z][A-Za-z0-9+.-]{1,15}:\\/\\/[!#-&*-;=?-Z\\\\^-z~]*[#-&*+\\-/0-9=@A-Z\\\\^-z~]'],
  ['EMAIL', '[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@(?:[A-Za-z0-9-]{1,63}\\.){1,8}[A-Za-z]{2,63}'],
  ['UUID', `${HEX}{8}(?:-${HEX}{4}){3}-${HEX}{12}`],
  ['MAC', `${HEX}{2}(?:(?::${HEX}{2}){5}|(?:-${HEX}{2}){5})`],
  [
    'ENDPOINT',
    `(?:${IPV4}|${HOST_START}(?:(?:${LABEL}){1,8}${HOST_END}|(?:${LOWER_LABEL}){1,8}${NO_FILE}[a-z]{2,63})):[0-9]{1,5}`,
  ],
  ['IP', `${IPV6}|${IPV4}(?:, ?${IPV4})*`],
  [
    'TIME',
    `[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}(?:[T :_-]${CLOCK}${ZONE})?|${DAY_FIRST}|${NAMED_DATE}|${CLOCK}`,
  ],
  ['HOST', `${HOST_START}(?:${LABEL}){2,8}${HOST_END}(?![.-]?[A-Za-z0-9])`],
  ['HEX', `0[xX]${HEX}+|(?=[0-9]*[A-Fa-f])(?=[A-Fa-f]*[0-9])${HEX}{6,}|0[0-9]{7,}`],
  ['SIZE', `${DECIMAL} ?(?:${BYTES}|bytes?)(?: \\(${DECIMAL} ?${BYTES}\\))?`],
  [
    'DURATION',
    `<?${DECIMAL}(?: ?(?:${TIME_UNITS.join('|')}|[µμ]s)|[smhd])|[0-9]+h(?:[0-9]+m)?(?:${DECIMAL}s)?|[0-9]+m${DECIMAL}s`,
  ],
  [
    'PATH',
    '(?:\\/[A-Za-z0-9_.+@~%-]+){2,}\\/?(?:\\?[A-Za-z0-9_.+@~%&=/*-]+)?|[A-Za-z]:\\\\[A-Za-z0-9_.+@~%$#&()\\\\-]+',
  ],
  ['BLOCK', 'blk_-?[0-9]+'],
  ['NUM', '[-+]?[0-9]+(?:\\.[0-9]+)*%?'],
];

/** Names of the default masks in their order. */
export const DEFAULT_MASK_NAMES: readonly string[] = KINDS.map(([name]) => name);

/** One expression of all kinds; its groups give the names. */
export const DEFAULT_PATTERN = `(?<![A-Za-z0-9])(?:${KINDS.map(
  ([name, pattern]) => `(?<${name}>${pattern})`,
).join('|')})(?![A-Za-z0-9])`;

/**
 * Masks for logs of any origin: URL, EMAIL, UUID, MAC, ENDPOINT (address with port), IP (both versions, lists too), TIME,
 * HOST, HEX, SIZE, DURATION, PATH, BLOCK and NUM. A hand-written scanner does the work of this expression.
 */
export const DEFAULT_MASKS: readonly MaskRule[] = [{ pattern: DEFAULT_PATTERN, isTrusted: true }];
