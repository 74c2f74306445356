import { float32, GraphBuilder, type Value } from '@logbert/onnx-graph';
import { ModelFailure } from './logbert-failures';
import { encodeDescription } from './model-description';
import { quantiseColumns } from './quantise-columns';
import { buildScoringGraph, buildSurprise } from './scoring-graph';
import { findScoringLayer, type LinearLayer } from './scoring-layers';
import type { Parameter, TrainedLogBert } from './trained-logbert';

/** How the weights of linear layers are kept: as they are, or as 8-bit integers with a scale a column. */
export type Precision = 'fp32' | 'int8';

/**
 * The trained network as a model that scores: weights inside, description in its metadata.
 *
 * Inputs: those of `buildScoringGraph`, each sequence starting with `[DIST]`; `targets` `[rows, 1]`, int32, the class
 * (token − 3) that stood there; `alternatives` `[1]`, int64, how many of the best classes are wanted; `pairs` `[pairs]`,
 * int32, row · classes + class, of which `pairProbabilities` `[pairs]` gives the probability of that class in that row.
 * Other outputs, one row each: `surprise` `[rows, 1]` and `entropy` `[rows, 1]` in nats, `topProbabilities` and
 * `topClasses` `[rows, alternatives]`, and `distance` `[rows, 1]`, which means something on rows of `[DIST]`:
 * how far, Euclidean, its representation is from the centre.
 *
 * Attention is ONNX Runtime's `com.microsoft.FusedMatMul`, a linear layer of int8 its `DynamicQuantizeMatMul`; all else is of
 * the ONNX standard.
 *
 * @throws ModelFailure when a parameter is missing
 */
export function buildScoringModel(
  trained: TrainedLogBert,
  options: { readonly precision: Precision },
): Uint8Array {
  const graph = new GraphBuilder();
  const parameterOf = (name: string): Parameter => {
    const parameter = trained.parameters.get(name);
    if (!parameter) throw new ModelFailure(`the trained network has no parameter ${name}`);
    return parameter;
  };
  const constant = (name: string): Value => {
    const { dims, data } = parameterOf(name);
    return graph.constant(float32(dims, data), `parameter.${name}`);
  };
  const offsetOf = (name: string, { offset }: LinearLayer): Value | undefined =>
    offset && graph.constant(float32(offset.dims, offset.data), `parameter.${name}.offset`);
  const exact = (input: Value, name: string): Value => {
    const layer = findScoringLayer(name, parameterOf);
    const { dims, data } = layer.weight;
    const weight = graph.constant(float32(dims, data), `parameter.${name}.weight`);
    const product = graph.matmul(input, weight, name);
    const offset = offsetOf(name, layer);
    return offset ? graph.add(product, offset) : product;
  };
  const quantised = (input: Value, name: string): Value => {
    const layer = findScoringLayer(name, parameterOf);
    const { weights, scales } = quantiseColumns(layer.weight);
    const inputs = [
      input,
      graph.constant(weights, `parameter.${name}.weight`),
      graph.constant(scales, `parameter.${name}.scale`),
      undefined,
      offsetOf(name, layer),
    ];
    return graph.apply('DynamicQuantizeMatMul', inputs, {}, name);
  };

  const { represented, logProbabilities } = buildScoringGraph(graph, {
    architecture: trained.architecture,
    tokenEmbedding: constant('tokens'),
    positionEmbedding: constant('positions'),
    linear: options.precision === 'int8' ? quantised : exact,
  });
  graph.output(buildSurprise(graph, logProbabilities));
  const probabilities = graph.apply('Exp', [logProbabilities]);
  buildEntropy(graph, probabilities, logProbabilities);
  buildAlternatives(graph, logProbabilities);
  buildPairs(graph, probabilities);
  buildDistance(graph, represented, trained.centre);
  return graph.build(encodeDescription(trained, options.precision));
}

/** −Σ p·log p of each row. */
function buildEntropy(graph: GraphBuilder, probabilities: Value, logProbabilities: Value): void {
  const terms = graph.multiply(probabilities, logProbabilities);
  graph.output(graph.apply('Neg', [rowSums(graph, terms)], {}, 'entropy'));
}

/**
 * The sum of each row as a product with ones. The runtime's own sum takes numbers in fours from wherever a row begins, so that
 * its last bit depends on how many rows come before, and a window's score on what it was computed with.
 */
function rowSums(graph: GraphBuilder, rows: Value): Value {
  const ones = new Float32Array(Number(rows.dims.at(-1))).fill(1);
  return graph.matmul(rows, graph.constant(float32([ones.length, 1], ones)));
}

function buildAlternatives(graph: GraphBuilder, logProbabilities: Value): void {
  const count = graph.input('alternatives', 'int64', [1]);
  const [top, classes] = graph.applyAll('TopK', [logProbabilities, count], { axis: { int: -1 } });
  if (!top || !classes) throw new RangeError('TopK has two outputs');
  graph.output(graph.apply('Exp', [top], {}, 'topProbabilities'));
  graph.output(graph.cast(classes, 'int32', 'topClasses'));
}

function buildPairs(graph: GraphBuilder, probabilities: Value): void {
  const pairs = graph.input('pairs', 'int32', ['pairs']);
  const flat = graph.reshape(probabilities, [-1]);
  graph.output(graph.apply('Gather', [flat, pairs], { axis: { int: 0 } }, 'pairProbabilities'));
}

function buildDistance(graph: GraphBuilder, represented: Value, centre: Float32Array): void {
  const offset = graph.subtract(represented, graph.constant(float32([centre.length], centre)));
  const squares = rowSums(graph, graph.multiply(offset, offset));
  graph.output(graph.apply('Sqrt', [squares], {}, 'distance'));
}
