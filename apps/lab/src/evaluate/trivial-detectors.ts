/** A rule simple enough to be beaten: learns from windows of log keys, then gives each window a score. */
export interface TrivialDetector {
  readonly name: string;
  readonly score: (window: Int32Array, novelLines: number) => number;
  /** A window that scores above it is flagged. */
  readonly threshold: number;
}

export interface KeyWindow {
  readonly tokens: Int32Array;
  readonly novelLines: number;
}

/** Share of the windows from which the rules learn; the others set their thresholds. */
const LEARNING_SHARE = 0.7;

/**
 * The baselines that stand beside the model in every table, on the same footing: no labels, the same windows, and a
 * threshold that a share `alpha` of held-out windows exceeds.
 *
 * - `new event`: lines whose key no training window has
 * - `count vector`: 1 when no training window has the same counts of keys
 * - `new 2-gram`: share of pairs of neighbouring keys that no training window has
 *
 * @param windows in the order of time; the last ones are held out
 */
export function learnTrivialDetectors(
  windows: readonly KeyWindow[],
  alpha: number,
): readonly TrivialDetector[] {
  const border = Math.floor(windows.length * LEARNING_SHARE);
  const heldOut = windows.slice(border);
  const events = new Set<number>();
  const vectors = new Set<string>();
  const pairs = new Set<string>();
  for (const { tokens } of windows.slice(0, border)) {
    for (const token of tokens) events.add(token);
    for (const pair of pairsOf(tokens)) pairs.add(pair);
    vectors.add(countVector(tokens));
  }
  const rules: readonly Omit<TrivialDetector, 'threshold'>[] = [
    {
      name: 'new event',
      score: (window, novelLines) => novelLines + count(window, (token) => !events.has(token)),
    },
    { name: 'count vector', score: (window) => (vectors.has(countVector(window)) ? 0 : 1) },
    {
      name: 'new 2-gram',
      score: (window) => {
        const own = pairsOf(window);
        return own.filter((pair) => !pairs.has(pair)).length / Math.max(1, own.length);
      },
    },
  ];
  return rules.map((rule) => {
    const scores = heldOut.map(({ tokens, novelLines }) => rule.score(tokens, novelLines));
    return { ...rule, threshold: thresholdFor(scores, alpha) };
  });
}

/** The score that at most a share `alpha` of held-out windows exceeds; Infinity without any. */
export function thresholdFor(scores: readonly number[], alpha: number): number {
  const ascending = [...scores].sort((a, b) => a - b);
  const index = Math.min(ascending.length - 1, Math.ceil((1 - alpha) * ascending.length) - 1);
  return ascending[Math.max(0, index)] ?? Infinity;
}

function pairsOf(window: Int32Array): string[] {
  return Array.from(window.subarray(1), (token, index) => `${window[index]}>${token}`);
}

function countVector(window: Int32Array): string {
  return Int32Array.from(window).sort().join();
}

function count(window: Int32Array, isCounted: (token: number) => boolean): number {
  let counted = 0;
  for (const token of window) if (isCounted(token)) counted++;
  return counted;
}
