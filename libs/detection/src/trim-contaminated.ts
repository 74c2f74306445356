import type { CountedWindows } from './counted-windows';
import { rareWindows } from './rare-groups';

/** Fewest windows that can tell what is rare. */
const MIN_WINDOWS = 20;

/** Distinct windows, and how often each occurred. */
export type DistinctCounts = Omit<CountedWindows, 'firstOf'>;

/**
 * Leaves out windows too rare to be normal, before anything is trained on or calibrated by them.
 *
 * Training data is unlabelled and so contains anomalies; a recurring one would be learned as normal and would lift the
 * calibrated threshold above itself. Rarity does not learn: a window stays suspect as long as it is a small share. What is
 * left out, and when nothing is, `rareWindows` says.
 *
 * @param windows key tokens of each, any integers >= 0
 * @param maxShare largest share that may be left out, in [0, 1)
 * @returns indices, ascending; everything is kept when there are fewer than 20 windows
 */
export function trimContaminated(
  windows: readonly Int32Array[],
  maxShare: number,
): { kept: readonly number[]; trimmed: readonly number[] } {
  const isTrimmed = contaminatedWindows(
    {
      size: windows.length,
      tokensOf: (index) => windows[index] ?? [],
      windowsOf: () => 1,
    },
    maxShare,
  );
  const all = [...windows.keys()];
  return {
    kept: all.filter((index) => isTrimmed[index] === 0),
    trimmed: all.filter((index) => isTrimmed[index] === 1),
  };
}

/**
 * The same of many windows, distinct ones told once with their number: nothing is kept for a window, and nine bytes for a
 * distinct one.
 *
 * @returns for each distinct window 1 when it is left out, else 0
 */
export function contaminatedWindows(windows: DistinctCounts, maxShare: number): Uint8Array {
  let total = 0;
  let vocabularySize = 1;
  for (let index = 0; index < windows.size; index++) {
    const count = windows.windowsOf(index);
    if (count === 0) continue;
    total += count;
    const tokens = windows.tokensOf(index);
    for (let at = 0; at < tokens.length; at++) {
      const token = tokens[at] ?? 0;
      if (token >= vocabularySize) vocabularySize = token + 1;
    }
  }
  if (total < MIN_WINDOWS) return new Uint8Array(windows.size);
  const firstOf = (index: number): number => windows.tokensOf(index)[0] ?? -1;
  const counted: CountedWindows = {
    size: windows.size,
    tokensOf: (index) => windows.tokensOf(index),
    windowsOf: (index) => windows.windowsOf(index),
    firstOf,
  };
  return rareWindows(counted, maxShare, vocabularySize);
}
