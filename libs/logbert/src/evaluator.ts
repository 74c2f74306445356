import { stridedMasks } from '@logbert/sequences';
import { float32, GraphBuilder, type Graph, type OpenGraph } from '@logbert/onnx-graph';
import { tokensOf, type Architecture, type MaskRatio } from './architecture';
import { countParameters, splitParameters } from './parameters';
import { cutBatches, sequencesAtOnce } from './length-buckets';
import type { Sample } from './sample-set';
import { linearOf } from './linear-layers';
import { feedsOf, targetsOf, type MaskedPiece } from './scoring-feeds';
import { buildScoringGraph, buildSurprise } from './scoring-graph';
import { maskRatioBounds } from './training-batch';

export interface Evaluation {
  /** Mean nats of a masked key, weighted by the windows' weights. */
  readonly loss: number;
  /** Weighted mean of the representation of `[DIST]`, `[hidden]`. */
  readonly centre: Float32Array;
}

const BATCH = 64;

/** Measures parameters without dropout and with masks that are always the same. */
export class Evaluator {
  private constructor(
    private readonly graph: Graph,
    private readonly architecture: Architecture,
    private readonly passes: number,
    private readonly representedName: string,
  ) {}

  static async open(
    architecture: Architecture,
    maskRatio: MaskRatio,
    openGraph: OpenGraph,
    options: { threads?: number },
  ): Promise<Evaluator> {
    const graph = new GraphBuilder();
    const flat = graph.input('parameters', 'float32', [countParameters(architecture)]);
    const parameters = splitParameters(graph, architecture, flat);
    const [tokenEmbedding, positionEmbedding] = [
      parameters.get('tokens'),
      parameters.get('positions'),
    ];
    if (!tokenEmbedding || !positionEmbedding) throw new RangeError('there are no embeddings');
    const { represented, logProbabilities } = buildScoringGraph(graph, {
      architecture,
      tokenEmbedding,
      positionEmbedding,
      linear: linearOf(graph, parameters),
    });
    graph.output(buildSurprise(graph, logProbabilities));
    graph.output(represented);
    const { from, to } = maskRatioBounds(maskRatio);
    const passes = Math.max(1, Math.round(2 / (from + to)));
    return new Evaluator(
      await openGraph(graph.build(), options),
      architecture,
      passes,
      represented.name,
    );
  }

  /** Each window is masked once: the i-th with the strided mask i modulo the number of passes. */
  async evaluate(parameters: Float32Array, samples: readonly Sample[]): Promise<Evaluation> {
    const { hidden } = this.architecture;
    const centre = new Float64Array(hidden);
    const sums = { loss: 0, lines: 0, windows: 0 };
    const order = [...samples.entries()].sort(([, a], [, b]) => a.tokens.length - b.tokens.length);
    const mostOf = (positions: number): number => sequencesAtOnce(positions, BATCH);
    for (const batch of cutBatches(order, ([, { tokens }]) => 1 + tokens.length, mostOf)) {
      const { feeds, lineWeights } = this.prepare(batch);
      const results = await this.graph.run({
        parameters: float32([parameters.length], parameters),
        ...feeds,
      });
      const surprise = results['surprise']?.data as Float32Array;
      const represented = results[this.representedName];
      for (const [line, weight] of lineWeights.entries()) {
        sums.loss += weight * (surprise[line] ?? NaN);
        sums.lines += weight;
      }
      for (const [row, [, { weight }]] of batch.entries()) {
        sums.windows += weight;
        const start = (lineWeights.length + row) * hidden;
        for (let i = 0; i < hidden; i++) {
          centre[i] = (centre[i] ?? 0) + weight * ((represented?.data[start + i] as number) ?? NaN);
        }
      }
    }
    return {
      loss: sums.loss / sums.lines,
      centre: Float32Array.from(centre, (sum) => sum / sums.windows),
    };
  }

  close(): Promise<void> {
    return this.graph.close();
  }

  private prepare(batch: readonly (readonly [number, Sample])[]) {
    const lineWeights: number[] = [];
    const pieces = batch.map(([index, { tokens, weight }]): MaskedPiece => {
      const hasEnd = tokens.at(-1) === this.architecture.vocabularySize;
      const lines = hasEnd ? tokens.length - 1 : tokens.length;
      const strided = stridedMasks(lines, this.passes);
      const masks = hasEnd ? [...strided, [lines]] : strided;
      const masked = masks[index % masks.length] ?? [];
      for (let left = masked.length; left > 0; left--) lineWeights.push(weight);
      return { piece: tokens, masked };
    });
    const feeds = {
      ...feedsOf(pieces, tokensOf(this.architecture)),
      targets: targetsOf(pieces),
    };
    return { feeds, lineWeights };
  }
}
