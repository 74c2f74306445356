/**
 * Parts windows into batches of so many lines at the most; a longer window is a batch of its own.
 *
 * @param mostLines at least 1
 * @returns batches in order, none of them empty
 */
export function* batchesOfLines<Window>(
  windows: Iterable<Window>,
  linesOf: (window: Window) => number,
  mostLines: number,
): Generator<readonly Window[]> {
  let batch: Window[] = [];
  let lines = 0;
  for (const window of windows) {
    const own = linesOf(window);
    if (batch.length > 0 && lines + own > mostLines) {
      yield batch;
      batch = [];
      lines = 0;
    }
    batch.push(window);
    lines += own;
  }
  if (batch.length > 0) yield batch;
}
