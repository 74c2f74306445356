/** What a plain rule sees of a window. */
export interface RuleWindow {
  readonly tokens: Int32Array;
  /** Lines that no template of the model fits. */
  readonly novelLines: number;
  /** Mean entropy of the model's predictions, nats; undefined when it could not score the window. */
  readonly meanEntropy: number | undefined;
}

/** What a rule says of a window. */
export interface Opinion {
  /** Larger is odder; finite. */
  readonly score: number;
  readonly isFlagged: boolean;
}

/** A rule simple enough to be beaten. */
export interface TrivialDetector {
  readonly name: string;
  judge(window: RuleWindow): Opinion;
  /** Lets a window that was judged become part of what later ones are judged by; only online rules have it. */
  enter?(window: RuleWindow): void;
}

/**
 * The rules that flag whatever they have not seen, learned from the same windows as the model without a label.
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
    flagsAnything('new event', ({ tokens, novelLines }) =>
      Math.max(
        novelLines,
        count(tokens, (token) => !events.has(token)),
      ),
    ),
    flagsAnything('count vector', ({ tokens }) => (vectors.has(countVector(tokens)) ? 0 : 1)),
    flagsAnything('new 2-gram', ({ tokens }) => {
      const own = pairsOf(tokens);
      return own.filter((pair) => !pairs.has(pair)).length / Math.max(1, own.length);
    }),
  ];
}

/** A rule that flags every window of which it counts anything at all. */
function flagsAnything(name: string, scoreOf: (window: RuleWindow) => number): TrivialDetector {
  return {
    name,
    judge: (window) => {
      const score = scoreOf(window);
      return { score, isFlagged: score > 0 };
    },
  };
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
