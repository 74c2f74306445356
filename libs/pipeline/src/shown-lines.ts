/** More lines of one anomaly would be a record that nobody reads to its end. */
export const MOST_LINES_SHOWN = 512;

/**
 * Which lines of a window an anomaly shows: all of a window that is short enough, else the abnormal ones and those nearest to
 * them.
 *
 * @param lines of the window
 * @param abnormal positions; where there is none, the last lines are shown
 * @returns positions, ascending, at most `MOST_LINES_SHOWN`
 */
export function shownLines(lines: number, abnormal: ReadonlySet<number>): readonly number[] {
  const positions = Array.from({ length: lines }, (_, position) => position);
  if (lines <= MOST_LINES_SHOWN) return positions;
  const distances = distancesTo(abnormal.size > 0 ? abnormal : new Set([lines - 1]), lines);
  const distanceOf = (position: number): number => distances[position] ?? 0;
  return positions
    .sort((a, b) => distanceOf(a) - distanceOf(b) || a - b)
    .slice(0, MOST_LINES_SHOWN)
    .sort((a, b) => a - b);
}

/** Distance of each position to the nearest of some. */
function distancesTo(some: ReadonlySet<number>, lines: number): Float64Array {
  const distances = new Float64Array(lines);
  let since = Infinity;
  for (let position = 0; position < lines; position++) {
    since = some.has(position) ? 0 : since + 1;
    distances[position] = since;
  }
  since = Infinity;
  for (let position = lines - 1; position >= 0; position--) {
    since = some.has(position) ? 0 : since + 1;
    distances[position] = Math.min(since, distances[position] ?? 0);
  }
  return distances;
}
