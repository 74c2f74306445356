import { batchesOfLines } from '@logbert/pipeline';
import type { OpenGraph } from '@logbert/onnx-graph';
import { type Alternative, LogBertScorer, type WindowScore } from '@logbert/logbert';
import { UNKNOWN } from '@logbert/sequences';

/** Ranks are told apart up to this one. */
export const CANDIDATES = 64;
/** The rank of a key that is not among the candidates. */
export const UNRANKED = CANDIDATES + 1;
/** As many alternatives as show the rank of any candidate: the end of a session may be one more. */
export const ALTERNATIVES_FOR_RANKS = CANDIDATES + 1;

/** What the rules that use the model need of a window. */
export interface ModelReading {
  /** Nats. */
  readonly meanEntropy: number;
  /** For each line the rank of its key among the model's candidates, from 1; `UNRANKED` beyond. */
  readonly ranks: Uint8Array;
}

/**
 * @param score with `ALTERNATIVES_FOR_RANKS` alternatives a line, or as many as there are classes
 * @param vocabularySize tokens from it on are no keys
 */
export function readModel(
  tokens: Int32Array,
  { entropy, alternatives }: Pick<WindowScore, 'entropy' | 'alternatives'>,
  vocabularySize: number,
): ModelReading {
  return {
    meanEntropy: entropy.reduce((sum, nats) => sum + nats, 0) / Math.max(1, entropy.length),
    ranks: Uint8Array.from(tokens, (token, line) =>
      rankOf(token, alternatives.at(line) ?? [], vocabularySize),
    ),
  };
}

/** One more than the keys that are strictly more probable; a key that the vocabulary lacks is no candidate. */
function rankOf(token: number, best: readonly Alternative[], vocabularySize: number): number {
  const own = best.find((alternative) => alternative.token === token);
  if (!own || token === UNKNOWN) return UNRANKED;
  const better = best.filter(
    (other) => other.probability > own.probability && other.token < vocabularySize,
  );
  return Math.min(UNRANKED, 1 + better.length);
}

/** Reads windows with a trained model of its own, each distinct window once. */
export class ModelReader {
  private readonly known = new Map<string, ModelReading>();

  private constructor(private readonly scorer: LogBertScorer) {}

  /** @throws ModelFailure when the bytes are no scoring model */
  static async open(model: Uint8Array, openGraph: OpenGraph, passes: number): Promise<ModelReader> {
    const options = { passes, alternatives: ALTERNATIVES_FOR_RANKS };
    return new ModelReader(await LogBertScorer.open(model, openGraph, options));
  }

  /** @returns one reading a window, in the same order */
  async read(windows: readonly Int32Array[]): Promise<readonly ModelReading[]> {
    const { vocabularySize } = this.scorer.architecture;
    const names = windows.map((tokens) => tokens.join());
    const missing = new Map<string, Int32Array>();
    for (const [index, tokens] of windows.entries()) {
      const name = names[index] ?? '';
      if (!this.known.has(name)) missing.set(name, tokens);
    }
    const linesOf = ([, { length }]: readonly [string, Int32Array]): number => length;
    for (const some of batchesOfLines(missing, linesOf, LINES_AT_ONCE)) {
      const scores = await this.scorer.score(some.map(([, tokens]) => tokens));
      for (const [index, [name, tokens]] of some.entries()) {
        const score = scores[index];
        if (score) this.known.set(name, readModel(tokens, score, vocabularySize));
      }
    }
    return names.flatMap((name) => this.known.get(name) ?? []);
  }

  close(): Promise<void> {
    return this.scorer.close();
  }
}

/** Lines whose alternatives are held at once: 65 each. */
export const LINES_AT_ONCE = 16_384;
