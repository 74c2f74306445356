import { float32, type GraphBuilder, type Value } from '@logbert/onnx-graph';
import type { Architecture } from './architecture';
import { PADDING_PENALTY } from './scoring-graph';

/** What the encoder takes from the model around it. */
export interface ScoringEncoderParts {
  readonly architecture: Architecture;
  /** `[tokens, hidden]` */
  readonly tokenEmbedding: Value;
  /** `[maxLength, hidden]` */
  readonly positionEmbedding: Value;
  /** `[..., from]` to `[..., to]` by a layer of `findScoringLayer`. */
  linear(input: Value, name: string): Value;
}

/**
 * The network of `buildEncoder`, written for speed where its weights are constants and no gradient is wanted.
 *
 * What a line is to the first layer depends on its token and its place alone, and the passes over a window, as windows that
 * follow each other, differ in few of them: embeddings, norm and projections of the first layer are computed once for each
 * distinct pair. Time comes before the batch, so that attention takes heads as they lie. The last layer asks for the
 * wanted places alone.
 *
 * Inputs, int32: `tokens` `[distinct]`, 0 is padding, and `positions` `[distinct]`; `places` `[length, batch]`, which of these
 * pairs stands there; `asked` `[asked, batch]`, wanted places as numbers of the flat `places`, each column its own sequence's,
 * filled up with any; `rows` `[rows]`, those of the flat `asked` that are wanted.
 *
 * @returns `[rows, hidden]`, normalised
 */
export function buildScoringEncoder(graph: GraphBuilder, parts: ScoringEncoderParts): Value {
  const { hidden, heads, layers } = parts.architecture;
  const tokens = graph.input('tokens', 'int32', ['distinct']);
  const positions = graph.input('positions', 'int32', ['distinct']);
  const places = graph.input('places', 'int32', ['length', 'batch']);
  const asked = graph.input('asked', 'int32', ['asked', 'batch']);
  const rows = graph.input('rows', 'int32', ['rows']);
  const padding = buildPadding(graph, tokens, places);
  const [flatPlaces, flatAsked] = [graph.reshape(places, [-1]), graph.reshape(asked, [-1])];
  const headsOf = (value: Value, like: Value) =>
    graph.reshape(value, graph.sizesOf(like, [heads, hidden / heads]));

  let state = graph.add(
    graph.gather(parts.tokenEmbedding, tokens),
    graph.gather(parts.positionEmbedding, positions),
  );
  for (let layer = 0; layer < layers; layer++) {
    const [isFirst, isLast] = [layer === 0, layer === layers - 1];
    const place = (value: Value) => (isFirst ? graph.gather(value, flatPlaces) : value);
    const ask = (value: Value) => (isLast ? graph.gather(value, flatAsked) : value);
    const pick = (value: Value) => (isLast ? graph.gather(value, rows) : value);
    const project = (value: Value, name: string) => parts.linear(value, `layer${layer}.${name}`);
    const normal = normalise(graph, state);
    const attended = attend(graph, {
      query: headsOf(
        // A pair is projected once, a place only if it is asked for.
        isFirst ? ask(place(project(normal, 'query'))) : project(ask(normal), 'query'),
        isLast ? asked : places,
      ),
      key: headsOf(place(project(normal, 'key')), places),
      value: headsOf(place(project(normal, 'value')), places),
      padding,
    });
    const merged = project(pick(graph.reshape(attended, [-1, hidden])), 'merge');
    const middle = graph.add(pick(ask(place(state))), merged);
    const wide = graph.apply('Relu', [project(normalise(graph, middle), 'widen')]);
    state = graph.add(middle, project(wide, 'narrow'));
  }
  return normalise(graph, state);
}

/** `[batch, 1, 1, length]`: very negative on padding. */
function buildPadding(graph: GraphBuilder, tokens: Value, places: Value): Value {
  const zero = graph.constant({ type: 'int32', dims: [], data: Int32Array.of(0) }, 'paddingToken');
  const penalty = graph.apply('Where', [
    graph.apply('Equal', [tokens, zero]),
    graph.scalar(PADDING_PENALTY),
    graph.scalar(0),
  ]);
  const placed = graph.transpose(graph.gather(penalty, places), [1, 0]);
  return graph.apply('Unsqueeze', [placed, graph.integersOf([1, 2])]);
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
