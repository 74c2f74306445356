import { int64, type Graph, type OpenGraph } from '@logbert/onnx-graph';
import { stridedMasks } from '@logbert/sequences';
import { classesOf, endOf, tokensOf, type Architecture } from './architecture';
import { cutBatches, sequencesAtOnce, sequencesInCache } from './length-buckets';
import { GrowingScore, type WindowScore } from './growing-score';
import { readDescription, type ModelDescription } from './model-description';
import { PassAnswers } from './pass-answers';
import { feedsOf, feedsOfSequences, pairsOf, targetsOf, type Pass } from './scoring-feeds';
import { checkWindow, cutWindow } from './training-samples';

export interface ScorerOptions {
  /** K: how many masked passes cover a window; each masks every K-th line. */
  readonly passes: number;
  /** How many expected tokens are given for each line. */
  readonly alternatives: number;
  /**
   * Sequences computed at once, fewer of more than 64 lines; left out, as many as the caches of the threads hold, 64 where their
   * number is left out, too.
   */
  readonly batchSize?: number;
  /** Threads of one operator; left out, one a core. */
  readonly threads?: number;
}

const DEFAULT_BATCH = 64;

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
    const scores = windows.map((window) => {
      checkWindow(window, this.architecture.vocabularySize);
      return new GrowingScore(window, this.alternatives);
    });
    const passes = windows.flatMap((window, index) => this.plan(window, index));
    passes.sort((a, b) => a.piece.length - b.piece.length || a.window - b.window);
    for (const batch of cutBatches(
      passes,
      ({ piece }) => 1 + piece.length,
      (positions) => this.batchOf(positions),
    )) {
      await this.run(batch, scores);
    }
    return scores.map((score) => score.finish(this.description.hasPairs));
  }

  close(): Promise<void> {
    return this.graph.close();
  }

  /** How many the model tells of each line. */
  private get alternatives(): number {
    return Math.min(this.options.alternatives, classesOf(this.architecture));
  }

  private batchOf(positions: number): number {
    const { batchSize, threads } = this.options;
    return batchSize === undefined && threads !== undefined
      ? sequencesInCache(positions, this.architecture.hidden, threads)
      : sequencesAtOnce(positions, batchSize ?? DEFAULT_BATCH);
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

  private async run(passes: readonly Pass[], scores: readonly GrowingScore[]): Promise<void> {
    const { alternatives } = this;
    const classes = classesOf(this.architecture);
    const { hasPairs, hasPlaces } = this.description;
    const results = await this.graph.run({
      ...(hasPlaces ? feedsOf(passes, tokensOf(this.architecture)) : feedsOfSequences(passes)),
      targets: targetsOf(passes),
      alternatives: int64([1], [alternatives]),
      ...(hasPairs ? { pairs: pairsOf(passes, scores, classes) } : {}),
    });
    const answers = new PassAnswers(results, alternatives);
    const { unknownFloor, architecture } = this.description;
    for (const pass of passes) {
      const score = scores[pass.window];
      if (score) answers.give(pass, score, { unknownFloor, ...architecture });
    }
    for (const { window, asksEnd } of passes) {
      const distance = answers.nextDistance();
      if (!asksEnd) scores[window]?.addDistance(distance);
    }
  }
}
