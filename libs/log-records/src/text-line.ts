import { parseTime } from './event-time';
import { parseLevel } from './level';
import { newAttributes, NO_ATTRIBUTES, type ReadLine } from './log-record';
import { compileTextPattern } from './text-pattern';

const CONTENT = ['Content', 'Message', 'content', 'message'];
const SERVICE = ['Service', 'Component', 'Program', 'App', 'Logger', 'service', 'component'];
const LEVEL = ['Level', 'Severity', 'level', 'severity'];
/** Parts of a time, in the order in which they are put together. */
const TIME_PARTS = ['Month', 'Day', 'Date', 'Time', 'Year'];

/**
 * Builds the reader of lines with a fixed header.
 *
 * @param asked attributes that somebody will ask for
 * @throws FormatFailure when the pattern is malformed
 */
export function buildTextReader(pattern: string, asked: readonly string[]): ReadLine {
  const compiled = compileTextPattern(pattern);
  const { names } = compiled;
  const slotOf = (candidates: readonly string[]): number => {
    const name = candidates.find((candidate) => names.includes(candidate));
    return name === undefined ? -1 : names.indexOf(name);
  };
  const content = slotOf(CONTENT) >= 0 ? slotOf(CONTENT) : names.length - 1;
  const service = slotOf(SERVICE);
  const level = slotOf(LEVEL);
  const times = timeSlots(names);
  const used = new Set([content, service, level, ...times.flat()]);
  const others = [...names.entries()]
    .filter(([slot, name]) => !used.has(slot) && asked.includes(name))
    .map(([slot]) => slot);
  const values: (string | undefined)[] = names.map(() => undefined);

  return (line, receivedAtMs) => {
    if (!compiled.match(line, values)) return undefined;
    const attributes = others.length === 0 ? NO_ATTRIBUTES : newAttributes();
    for (const slot of others) {
      const value = values[slot];
      if (value !== undefined) attributes[names[slot] as string] = value;
    }
    return {
      timestampMs: readTime(times, values, receivedAtMs),
      service: values[service],
      level: parseLevel(values[level] ?? ''),
      message: values[content] ?? '',
      attributes,
    };
  };
}

/** The ways of putting the time together, the most telling first. */
function timeSlots(names: readonly string[]): readonly (readonly number[])[] {
  const slots = (parts: readonly string[]): number[] =>
    parts.map((part) => names.indexOf(part)).filter((slot) => slot >= 0);
  const ways = [slots(['Timestamp', 'timestamp']), slots(TIME_PARTS), slots(['Time'])];
  return ways.filter((way) => way.length > 0);
}

function readTime(
  ways: readonly (readonly number[])[],
  values: readonly (string | undefined)[],
  receivedAtMs: number,
): number | undefined {
  for (const way of ways) {
    let text = values[way[0] as number] ?? '';
    for (let index = 1; index < way.length; index++)
      text += ` ${values[way[index] as number] ?? ''}`;
    const time = parseTime(text, receivedAtMs);
    if (time !== undefined) return time;
  }
  return undefined;
}
