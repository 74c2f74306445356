import { float32, type GraphBuilder, type Value } from '@logbert/onnx-graph';
import type { Architecture } from './architecture';

/** What an encoder takes from the graph around it. */
export interface EncoderParts {
  readonly architecture: Architecture;
  /** `[embedded, hidden]`: token and position embeddings, added, of whatever `place` puts in its places. */
  readonly embedded: Value;
  /** `[embedded, hidden]` to `[length · batch, hidden]`: the rows as they stand in the sequences, time before batch. */
  place(value: Value): Value;
  /** `[length, batch]`: any value of these sizes. */
  readonly sequences: Value;
  /** `[asked, batch]`: places that are wanted, counted through time and batch; each column asks for its own sequence. */
  readonly asked: Value;
  /** `[asked · batch, hidden]` to the rows of it whose representation is wanted. */
  pick(value: Value): Value;
  /** `[batch, 1, 1, length]`: 0 where there is a token, very negative on padding. */
  readonly padding: Value;
  /** `[rows, from]` to `[rows, to]` by a layer of the network, attention's projections `query`, `key` and `value` apart. */
  linear(input: Value, name: string): Value;
  /** Drops part of a block's output; the same value when nothing is dropped. */
  drop(value: Value): Value;
}

/**
 * A pre-norm transformer encoder (Vaswani et al., NeurIPS 2017; Xiong et al., ICML 2020), up to the
 * representation of the wanted rows. The norms have no gain and offset of their own: each is followed by a
 * linear layer that has both.
 *
 * Time comes before the batch, so that attention takes heads as they lie. What the first layer makes of a line before
 * attention does not depend on other lines and is computed before lines are placed; the last layer asks for the wanted places
 * alone.
 *
 * @returns `[rows, hidden]`, normalised
 */
export function buildEncoder(graph: GraphBuilder, parts: EncoderParts): Value {
  const { hidden, heads, layers } = parts.architecture;
  const flatAsked = graph.reshape(parts.asked, [-1]);
  const headsOf = (value: Value, like: Value) =>
    graph.reshape(value, graph.sizesOf(like, [heads, hidden / heads]));
  let state = parts.drop(parts.embedded);
  for (let layer = 0; layer < layers; layer++) {
    const [isFirst, isLast] = [layer === 0, layer === layers - 1];
    const place = (value: Value) => (isFirst ? parts.place(value) : value);
    const project = (value: Value, name: string) => parts.linear(value, `layer${layer}.${name}`);
    const normal = normalise(graph, state);
    const placed = place(state);
    const wanted = isLast ? graph.gather(placed, flatAsked) : placed;
    const attended = attend(graph, {
      query: isLast
        ? headsOf(project(normalise(graph, wanted), 'query'), parts.asked)
        : headsOf(place(project(normal, 'query')), parts.sequences),
      key: headsOf(place(project(normal, 'key')), parts.sequences),
      value: headsOf(place(project(normal, 'value')), parts.sequences),
      padding: parts.padding,
    });
    const pick = (value: Value) => (isLast ? parts.pick(value) : value);
    const merged = project(pick(graph.reshape(attended, [-1, hidden])), 'merge');
    const middle = graph.add(pick(wanted), parts.drop(merged));
    const wide = graph.apply('Relu', [project(normalise(graph, middle), 'widen')]);
    state = graph.add(middle, parts.drop(project(wide, 'narrow')));
  }
  return normalise(graph, state);
}

/** Attention of heads `[length, batch, heads, width]`: `[asked, batch, heads, width]`. */
function attend(
  graph: GraphBuilder,
  { query, key, value, padding }: Readonly<Record<'query' | 'key' | 'value' | 'padding', Value>>,
): Value {
  const products = graph.fusedMatmul(query, key, {
    isLeftRowsFirst: true,
    isRightRowsFirst: true,
    isRightTransposed: true,
    factor: 1 / Math.sqrt(Number(key.dims.at(-1))),
  });
  const weights = graph.apply('Softmax', [graph.add(products, padding)], { axis: { int: -1 } });
  const mixed = graph.fusedMatmul(weights, value, { isRightRowsFirst: true });
  return graph.transpose(mixed, [2, 0, 1, 3]);
}

function normalise(graph: GraphBuilder, value: Value): Value {
  const width = Number(value.dims.at(-1));
  const gain = graph.constant(float32([width], new Float32Array(width).fill(1)), 'gain');
  return graph.apply('LayerNormalization', [value, gain], {
    axis: { int: -1 },
    epsilon: { float: 1e-5 },
  });
}
