/** A rule simple enough to be beaten: it flags every window that scores above 0. */
export interface TrivialDetector {
  readonly name: string;
  readonly score: (window: Int32Array, novelLines: number) => number;
}

/**
 * The baselines that stand beside the model in every table, learned from the same windows without a label. They have no
 * alert budget: each flags whatever it has not seen.
 *
 * - `new event`: lines whose key no training window has
 * - `count vector`: 1 when no training window has the same counts of keys
 * - `new 2-gram`: share of pairs of neighbouring keys that no training window has
 */
export function learnTrivialDetectors(training: Iterable<Int32Array>): readonly TrivialDetector[] {
  const events = new Set<number>();
  const vectors = new Set<string>();
  const pairs = new Set<string>();
  for (const window of training) {
    for (const token of window) events.add(token);
    for (const pair of pairsOf(window)) pairs.add(pair);
    vectors.add(countVector(window));
  }
  return [
    {
      name: 'new event',
      score: (window, novelLines) =>
        Math.max(
          novelLines,
          count(window, (token) => !events.has(token)),
        ),
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
