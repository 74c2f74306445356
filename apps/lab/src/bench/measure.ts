/** What one measured piece of work came to. */
export interface Measurement {
  readonly seconds: number;
  readonly linesPerSecond: number;
}

/** Runs the work once and counts `lines` for it. */
export async function measure(
  lines: number,
  work: () => Promise<void> | void,
): Promise<Measurement> {
  const startedAt = performance.now();
  await work();
  const seconds = (performance.now() - startedAt) / 1_000;
  return { seconds, linesPerSecond: lines / seconds };
}

/** The run with the median speed. */
export function medianOf<Run extends Measurement>(runs: readonly Run[]): Run {
  const ordered = [...runs].sort((a, b) => a.linesPerSecond - b.linesPerSecond);
  const middle = ordered[Math.floor((ordered.length - 1) / 2)];
  if (!middle) throw new RangeError('there is no run to take the median of');
  return middle;
}

/** The middle value; of an even number the mean of the two in the middle. NaN for none. */
export function median(values: readonly number[]): number {
  const ordered = [...values].sort((a, b) => a - b);
  const middle = ordered.length / 2;
  const upper = ordered[Math.floor(middle)] ?? NaN;
  return Number.isInteger(middle) ? ((ordered[middle - 1] ?? NaN) + upper) / 2 : upper;
}

/** A speed for people. */
export function speed(linesPerSecond: number): string {
  return Math.round(linesPerSecond).toLocaleString('en');
}

export function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
