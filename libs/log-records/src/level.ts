import type { LogLevel } from '@logbert/contracts';

const WORDS: readonly (readonly [LogLevel, string])[] = [
  ['trace', 'trace trc verbose finest finer t v'],
  ['debug', 'debug dbg fine config d'],
  ['info', 'info inf information informational notice note log i n'],
  ['warn', 'warn warning wrn w'],
  ['error', 'error err severe failure e'],
  ['fatal', 'fatal critical crit alert emerg emergency panic dpanic f c'],
];

const BY_WORD = new Map<string, LogLevel>();
for (const [level, words] of WORDS) {
  for (const word of words.split(' ')) {
    BY_WORD.set(word, level);
    BY_WORD.set(word.toUpperCase(), level);
  }
}

/** Words that name a level wherever they stand; the single letters do so only in a level's own place. */
export const LEVEL_WORDS: readonly string[] = WORDS.flatMap(([, words]) =>
  words
    .split(' ')
    .filter((word) => word.length > 2 && !['fine', 'log', 'note', 'config'].includes(word)),
);

const PINO: readonly LogLevel[] = ['unknown', 'trace', 'debug', 'info', 'warn', 'error', 'fatal'];
const SYSLOG: readonly LogLevel[] = [
  'fatal',
  'fatal',
  'fatal',
  'error',
  'warn',
  'info',
  'info',
  'debug',
];

/**
 * Reads a level in any of its common spellings.
 *
 * @param word a name in any case, a number as pino (10 to 60) or syslog (0 to 7) writes it
 * @returns `unknown` for anything else
 */
export function parseLevel(word: string): LogLevel {
  const known = BY_WORD.get(word);
  if (known) return known;
  if (/^\d{1,2}$/.test(word)) {
    const number = Number(word);
    return (number >= 10 ? PINO[Math.floor(number / 10)] : SYSLOG[number]) ?? 'unknown';
  }
  return word.length <= 16 ? (BY_WORD.get(word.toLowerCase()) ?? 'unknown') : 'unknown';
}
