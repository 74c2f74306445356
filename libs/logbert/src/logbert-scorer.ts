import { int32, int64, type Graph, type OpenGraph } from '@logbert/onnx-graph';
import { DISTANCE, MASK, stridedMasks, UNKNOWN } from '@logbert/sequences';
import { classesOf, endOf, UNPREDICTED_TOKENS, type Architecture } from './architecture';
import { cutBatches } from './length-buckets';
import { NonFiniteFailure } from './non-finite-failure';
import { readDescription, type ModelDescription } from './model-description';
import { checkWindow, cutWindow } from './training-samples';

/** A token that the model would have expected, and how much. */
export interface Alternative {
  readonly token: number;
  /** In [0, 1]. */
  readonly probability: number;
}

/** What the model says of a window; arrays have one element a line. */
export interface WindowScore {
  /** −log p of the line that came, given its neighbours, in nats. */
  readonly surprise: Float32Array;
  /** Entropy of the prediction, in nats: small where the model was sure. */
  readonly entropy: Float32Array;
  /** The most probable tokens, best first. */
  readonly alternatives: readonly (readonly Alternative[])[];
  /** Euclidean distance of `[DIST]` from the centre, averaged over the passes. */
  readonly distance: number;
  /**
   * −log of how often the model expects the line's key in the whole window, in nats, >= 0: large when it expects the key
   * nowhere, small when it only expects it in another place. Undefined for models of older versions.
   */
  readonly presence: Float32Array | undefined;
  /** −log p of there being no further line, given the whole window, in nats; undefined for one that was cut. */
  readonly endSurprise: number | undefined;
  /** The keys that would have come instead of the end, best first; undefined for a window that was cut. */
  readonly nextAlternatives: readonly Alternative[] | undefined;
}

export interface ScorerOptions {
  /** K: how many masked passes cover a window; each masks every K-th line. */
  readonly passes: number;
  /** How many expected tokens are given for each line. */
  readonly alternatives: number;
  /** Sequences computed at once, fewer of more than 64 lines; default 64. */
  readonly batchSize?: number;
  /** Threads of one operator; left out, one a core. */
  readonly threads?: number;
}

/** One masked pass over a window, or over a piece of a long one. */
interface Pass {
  readonly window: number;
  readonly piece: Int32Array;
  /** Where the piece begins in its window. */
  readonly offset: number;
  /** Which of the piece's lines are masked. */
  readonly masked: readonly number[];
  /** Whether what is asked for is the end: the one masked position is that behind the last line. */
  readonly asksEnd: boolean;
}

interface MutableScore {
  readonly surprise: Float32Array;
  readonly entropy: Float32Array;
  readonly alternatives: (readonly Alternative[])[];
  distanceSum: number;
  passes: number;
  endSurprise: number | undefined;
  nextAlternatives: readonly Alternative[] | undefined;
  /** How many lines of each of the window's keys the passes so far expect. */
  readonly expected: Map<number, number>;
}

const DEFAULT_BATCH = 64;
/** Fewest lines that a key is said to be expected in: below that, float32 has no digits left. */
const LEAST_EXPECTED = 1e-30;

/**
 * Scores windows with a trained model: each line is predicted once, from the lines around it.
 *
 * The masks are strided and fixed, so with fp32 a window's score depends on nothing but the window. With int8 the
 * runtime scales the activations of a batch together: its company may move a score by some hundredths of a nat. A
 * window longer than the model is cut into pieces of nearly equal length, each scored by itself. A line
 * whose template the vocabulary does not know is scored by the probability that the model gives to UNKNOWN, but
 * counts at least 6.9 nats (1 in 1,000) when training had next to no such lines.
 */
export class LogBertScorer {
  private constructor(
    private readonly graph: Graph,
    private readonly description: ModelDescription,
    private readonly options: ScorerOptions,
  ) {}

  /** @throws ModelFailure when the bytes are no scoring model; what `openGraph` throws */
  static async open(
    model: Uint8Array,
    openGraph: OpenGraph,
    options: ScorerOptions,
  ): Promise<LogBertScorer> {
    const description = readDescription(model);
    const threads = options.threads === undefined ? {} : { threads: options.threads };
    return new LogBertScorer(await openGraph(model, threads), description, options);
  }

  get architecture(): Architecture {
    return this.description.architecture;
  }

  /**
   * @param windows key tokens of each window, without `[DIST]`
   * @returns one score a window, in the same order
   * @throws WindowFailure when a window is empty or holds a token that is no key of the vocabulary
   * @throws NonFiniteFailure when the model answers with something that is not a number
   */
  async score(windows: readonly Int32Array[]): Promise<readonly WindowScore[]> {
    const scores = windows.map((window): MutableScore => {
      checkWindow(window, this.architecture.vocabularySize);
      return {
        surprise: new Float32Array(window.length),
        entropy: new Float32Array(window.length),
        alternatives: new Array<readonly Alternative[]>(window.length),
        distanceSum: 0,
        passes: 0,
        endSurprise: undefined,
        nextAlternatives: undefined,
        expected: new Map([...window].map((token) => [token, 0])),
      };
    });
    const passes = windows.flatMap((window, index) => this.plan(window, index));
    passes.sort((a, b) => a.piece.length - b.piece.length || a.window - b.window);
    const batchSize = this.options.batchSize ?? DEFAULT_BATCH;
    for (const batch of cutBatches(passes, ({ piece }) => 1 + piece.length, batchSize)) {
      await this.run(batch, scores);
    }
    return scores.map(({ distanceSum, passes: count, expected, ...score }, index) => ({
      ...score,
      distance: distanceSum / count,
      presence: this.description.hasPairs ? presenceOf(windows[index], expected) : undefined,
    }));
  }

  close(): Promise<void> {
    return this.graph.close();
  }

  private plan(window: Int32Array, index: number): Pass[] {
    const end = endOf(this.architecture, window.length);
    if (end !== undefined) {
      const piece = Int32Array.of(...window, end);
      const masks = stridedMasks(window.length, this.options.passes);
      const plan = (masked: readonly number[], asksEnd: boolean): Pass => ({
        window: index,
        piece,
        offset: 0,
        masked,
        asksEnd,
      });
      return [...masks.map((masked) => plan(masked, false)), plan([window.length], true)];
    }
    let offset = 0;
    return cutWindow(window, this.architecture.maxLength - 1).flatMap((piece) => {
      const start = offset;
      offset += piece.length;
      return stridedMasks(piece.length, this.options.passes).map((masked) => ({
        window: index,
        piece,
        offset: start,
        masked,
        asksEnd: false,
      }));
    });
  }

  private async run(passes: readonly Pass[], scores: readonly MutableScore[]): Promise<void> {
    const length = 1 + Math.max(...passes.map(({ piece }) => piece.length));
    const lines = passes.reduce((sum, { masked }) => sum + masked.length, 0);
    const tokens = new Int32Array(passes.length * length);
    const rows = new Int32Array(lines + passes.length);
    const targets = new Int32Array(lines + passes.length);
    const pairs: number[] = [];
    const classes = classesOf(this.architecture);
    let line = 0;
    for (const [row, { window, piece, masked, asksEnd }] of passes.entries()) {
      const keys = asksEnd ? [] : [...(scores[window]?.expected.keys() ?? [])];
      const start = row * length;
      tokens[start] = DISTANCE;
      tokens.set(piece, start + 1);
      rows[lines + row] = start;
      for (const position of masked) {
        rows[line] = start + 1 + position;
        targets[line] = (piece[position] ?? 0) - UNPREDICTED_TOKENS;
        tokens[start + 1 + position] = MASK;
        for (const key of keys) pairs.push(line * classes + key - UNPREDICTED_TOKENS);
        line++;
      }
    }
    const count = Math.min(this.options.alternatives, classes);
    const results = await this.graph.run({
      tokens: int32([passes.length, length], tokens),
      rows: int32([rows.length], rows),
      targets: int32([rows.length, 1], targets),
      alternatives: int64([1], [count]),
      // Never an empty tensor, which not every runtime takes: one pair that nobody asks for.
      ...(this.description.hasPairs
        ? {
            pairs: int32(
              [Math.max(1, pairs.length)],
              Int32Array.from(pairs.length > 0 ? pairs : [0]),
            ),
          }
        : {}),
    });
    this.collect(passes, scores, count, (name) => {
      const data = results[name]?.data;
      if (!data || data instanceof BigInt64Array) throw new RangeError(`no output ${name}`);
      return data;
    });
  }

  /** Puts what the model answered for each masked line into its window's score. */
  private collect(
    passes: readonly Pass[],
    scores: readonly MutableScore[],
    count: number,
    output: (name: string) => ArrayLike<number>,
  ): void {
    const [surprise, entropy, distance] = [
      output('surprise'),
      output('entropy'),
      output('distance'),
    ];
    const [probabilities, classes] = [output('topProbabilities'), output('topClasses')];
    const pairLogs = this.description.hasPairs ? output('pairLogs') : [];
    let [line, pair] = [0, 0];
    for (const { window, piece, offset, masked, asksEnd } of passes) {
      const score = scores[window];
      if (!score) continue;
      for (const position of masked) {
        const measured = surprise[line] ?? NaN;
        if (!Number.isFinite(measured))
          throw new NonFiniteFailure('surprise', undefined, undefined);
        const best = Array.from({ length: count }, (_, rank) => ({
          token: (classes[line * count + rank] ?? 0) + UNPREDICTED_TOKENS,
          probability: probabilities[line * count + rank] ?? NaN,
        }));
        if (asksEnd) {
          score.endSurprise = Math.max(0, measured);
          // The end has the last class, behind those of the keys.
          score.nextAlternatives = best.filter(
            ({ token }) => token < this.architecture.vocabularySize,
          );
          line++;
          continue;
        }
        for (const [key, sum] of score.expected) {
          score.expected.set(key, sum + Math.exp(pairLogs[pair++] ?? -Infinity));
        }
        const isUnknown = piece[position] === UNKNOWN;
        const floor = isUnknown ? this.description.unknownFloor : 0;
        score.surprise[offset + position] = Math.max(measured, floor);
        score.entropy[offset + position] = Math.max(0, entropy[line] ?? NaN);
        score.alternatives[offset + position] = best;
        line++;
      }
    }
    for (const [row, { window, asksEnd }] of passes.entries()) {
      const score = scores[window];
      if (!score || asksEnd) continue;
      score.distanceSum += distance[line + row] ?? NaN;
      score.passes++;
    }
  }
}

function presenceOf(
  window: Int32Array | undefined,
  expected: ReadonlyMap<number, number>,
): Float32Array {
  return Float32Array.from(window ?? [], (token) => {
    const lines = Math.max(LEAST_EXPECTED, expected.get(token) ?? 0);
    return Math.max(0, -Math.log(lines));
  });
}
