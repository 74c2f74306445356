import type { Rate } from '@logbert/contracts';
import { formatClock, formatCount } from '../figures/figures';

/** What came too often or too seldom, in a sentence. */
export function describeRate({ count, expectedFrom, expectedTo }: Rate, minuteAt: number): string {
  const expected =
    expectedFrom === expectedTo
      ? formatCount(expectedFrom)
      : `${formatCount(expectedFrom)} to ${formatCount(expectedTo)}`;
  const came = count === 0 ? 'none' : formatCount(count);
  return `${came} in the minute from ${formatClock(minuteAt).slice(0, 5)}, ${expected} expected`;
}
