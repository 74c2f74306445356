import { UNKNOWN } from '@logbert/sequences';
import { WindowFailure } from './logbert-failures';

/** A distinct window, or piece of one, and how often it occurred. */
export interface Sample {
  readonly tokens: Int32Array;
  readonly weight: number;
}

/**
 * Cuts a window that is too long into pieces of nearly equal length.
 *
 * @param tokens key tokens, without `[DIST]`
 * @param longest most tokens of a piece, at least 1
 * @returns views of the window in order; the window itself when it is short enough
 */
export function cutWindow(tokens: Int32Array, longest: number): readonly Int32Array[] {
  const pieces = Math.ceil(tokens.length / longest);
  if (pieces <= 1) return [tokens];
  return Array.from({ length: pieces }, (_, piece) =>
    tokens.subarray(
      Math.round((piece * tokens.length) / pieces),
      Math.round(((piece + 1) * tokens.length) / pieces),
    ),
  );
}

/**
 * Distinct windows with the sum of their weights, in order of first occurrence.
 *
 * @param windows key tokens, without `[DIST]`; those longer than `longest` are cut
 * @param weights one a window; left out, each counts once
 * @throws WindowFailure when a window is empty or holds a token outside `[UNKNOWN, vocabularySize)`
 */
export function collectSamples(
  windows: readonly Int32Array[],
  weights: readonly number[] | undefined,
  longest: number,
  vocabularySize: number,
): readonly Sample[] {
  const known = new Map<string, { tokens: Int32Array; weight: number }>();
  const isNarrow = vocabularySize <= 0x10000;
  for (const [index, window] of windows.entries()) {
    checkWindow(window, vocabularySize);
    const weight = weights?.[index] ?? 1;
    for (const tokens of cutWindow(window, longest)) {
      const key = isNarrow ? String.fromCharCode(...tokens) : tokens.join();
      const sample = known.get(key);
      if (sample) sample.weight += weight;
      else known.set(key, { tokens, weight });
    }
  }
  return [...known.values()].filter(({ weight }) => weight > 0);
}

/** @throws WindowFailure when the window is empty or holds a token that is no key of the vocabulary */
export function checkWindow(window: Int32Array, vocabularySize: number): void {
  if (window.length === 0) throw new WindowFailure('a window without lines cannot be scored');
  for (const token of window) {
    if (token < UNKNOWN || token >= vocabularySize) {
      throw new WindowFailure(`token ${token} is not in [${UNKNOWN}, ${vocabularySize})`);
    }
  }
}

/** Share of all lines, counted with their windows' weights, whose token is UNKNOWN. */
export function unknownShare(samples: readonly Sample[]): number {
  let unknown = 0;
  let all = 0;
  for (const { tokens, weight } of samples) {
    all += weight * tokens.length;
    for (const token of tokens) if (token === UNKNOWN) unknown += weight;
  }
  return all === 0 ? 0 : unknown / all;
}

/**
 * What one epoch trains on. A window that occurred n times comes about √n times, each copy with an equal share
 * of the weight, so that frequent windows are seen under several masks and rare ones are not drowned.
 *
 * @param fewest samples of an epoch at the least: with fewer, all windows come more often in proportion, so
 *   that an epoch of a simple log is not over after a step or two
 */
export function repeatSamples(samples: readonly Sample[], fewest: number): readonly Sample[] {
  const roots = samples.reduce((sum, { weight }) => sum + Math.sqrt(weight), 0);
  const factor = Math.max(1, fewest / roots);
  return samples.flatMap(({ tokens, weight }) => {
    const copies = Math.max(1, Math.ceil(Math.sqrt(weight) * factor));
    return Array.from({ length: copies }, () => ({ tokens, weight: weight / copies }));
  });
}
