import { float32, type GraphBuilder, type Value } from '@logbert/onnx-graph';
import type { Architecture } from './architecture';

/** What an encoder takes from the graph around it. */
export interface EncoderParts {
  readonly architecture: Architecture;
  /** `[batch, length, hidden]`: token and position embeddings, added. */
  readonly embedded: Value;
  /** `[batch, 1, 1, length]`: 0 where there is a token, very negative on padding. */
  readonly padding: Value;
  /** `[rows]`: numbers of the positions, counted through the batch, whose representation is wanted. */
  readonly rows: Value;
  /** `[..., from]` to `[..., to]` by the parameters `${name}.weight` and `${name}.offset`. */
  linear(input: Value, name: string): Value;
  /** Drops part of a block's output; the same value when nothing is dropped. */
  drop(value: Value): Value;
}

/**
 * A pre-norm transformer encoder (Vaswani et al., NeurIPS 2017; Xiong et al., ICML 2020), up to the
 * representation of the wanted rows. The norms have no gain and offset of their own: each is followed by a
 * linear layer that has both. The last layer computes only the wanted rows.
 *
 * @returns `[rows, hidden]`, normalised
 */
export function buildEncoder(graph: GraphBuilder, parts: EncoderParts): Value {
  const { layers, hidden } = parts.architecture;
  const flatten = (value: Value) => graph.reshape(value, [-1, hidden]);
  let state = parts.drop(parts.embedded);
  for (let layer = 0; layer < layers; layer++) {
    const isLast = layer === layers - 1;
    const attended = attend(graph, parts, normalise(graph, state), `layer${layer}`);
    const pick = (value: Value) => (isLast ? graph.gather(flatten(value), parts.rows) : value);
    const merged = parts.linear(pick(attended), `layer${layer}.merge`);
    const middle = graph.add(pick(state), parts.drop(merged));
    const wide = parts.linear(normalise(graph, middle), `layer${layer}.widen`);
    const narrow = parts.linear(graph.apply('Relu', [wide]), `layer${layer}.narrow`);
    state = graph.add(middle, parts.drop(narrow));
  }
  return normalise(graph, state);
}

/** Multi-head self-attention before its output layer: `[batch, length, hidden]`. */
function attend(graph: GraphBuilder, parts: EncoderParts, input: Value, name: string): Value {
  const { hidden, heads } = parts.architecture;
  const width = hidden / heads;
  const joined = graph.reshape(parts.linear(input, `${name}.attend`), [0, 0, 3, heads, width]);
  const [query, key, value] = graph
    .split(graph.transpose(joined, [2, 0, 3, 1, 4]), [1, 1, 1], 0)
    .map((part) => graph.apply('Squeeze', [part, graph.integersOf([0])]));
  if (!query || !key || !value) throw new RangeError('attention needs three projections');
  const products = graph.fusedMatmul(query, key, {
    isRightTransposed: true,
    factor: 1 / Math.sqrt(width),
  });
  const weights = graph.apply('Softmax', [graph.add(products, parts.padding)], {
    axis: { int: -1 },
  });
  const mixed = graph.transpose(graph.matmul(weights, value), [0, 2, 1, 3]);
  return graph.reshape(mixed, [0, 0, hidden]);
}

function normalise(graph: GraphBuilder, value: Value): Value {
  const width = Number(value.dims.at(-1));
  const gain = graph.constant(float32([width], new Float32Array(width).fill(1)), 'gain');
  return graph.apply('LayerNormalization', [value, gain], {
    axis: { int: -1 },
    epsilon: { float: 1e-5 },
  });
}
