import type { GraphBuilder, Value } from '@logbert/onnx-graph';
import type { Architecture } from './architecture';
import { buildEncoder } from './encoder';

/** Added to the attention of padding: its weight becomes exactly 0 in float32. */
export const PADDING_PENALTY = -1e9;

export interface ScoringParts {
  readonly architecture: Architecture;
  /** `[tokens, hidden]` */
  readonly tokenEmbedding: Value;
  /** `[maxLength, hidden]` */
  readonly positionEmbedding: Value;
  linear(input: Value, name: string): Value;
}

/**
 * Forward pass for any batch: what each wanted row says.
 *
 * What a line is to the first layer depends on its token and its place alone, and the passes over a window, as windows that
 * follow each other, differ in few of them: each distinct pair is computed once.
 *
 * Inputs, int32: `tokens` `[distinct]`, 0 is padding, and `positions` `[distinct]`; `places` `[length, batch]`, which of these
 * pairs stands there; `asked` `[asked, batch]`, wanted places as numbers of the flat `places`, each column its own sequence's,
 * filled up with any; `rows` `[rows]`, those of the flat `asked` that are wanted.
 *
 * @returns `represented` `[rows, hidden]` and `logProbabilities` `[rows, classes]` in nats
 */
export function buildScoringGraph(
  graph: GraphBuilder,
  parts: ScoringParts,
): { represented: Value; logProbabilities: Value } {
  const tokens = graph.input('tokens', 'int32', ['distinct']);
  const positions = graph.input('positions', 'int32', ['distinct']);
  const places = graph.input('places', 'int32', ['length', 'batch']);
  const asked = graph.input('asked', 'int32', ['asked', 'batch']);
  const rows = graph.input('rows', 'int32', ['rows']);
  const flatPlaces = graph.reshape(places, [-1]);
  const represented = buildEncoder(graph, {
    ...parts,
    embedded: graph.add(
      graph.gather(parts.tokenEmbedding, tokens),
      graph.gather(parts.positionEmbedding, positions),
    ),
    place: (value) => graph.gather(value, flatPlaces),
    sequences: places,
    asked,
    pick: (value) => graph.gather(value, rows),
    padding: buildPadding(graph, tokens, places),
    drop: (value) => value,
  });
  const logits = parts.linear(represented, 'output');
  const logProbabilities = graph.apply('LogSoftmax', [logits], { axis: { int: -1 } });
  return { represented, logProbabilities };
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

/** Surprise of the target class of each row: input `targets` `[rows, 1]`, output `[rows, 1]`, nats. */
export function buildSurprise(graph: GraphBuilder, logProbabilities: Value): Value {
  const targets = graph.input('targets', 'int32', ['rows', 1]);
  const picked = graph.apply('GatherElements', [logProbabilities, targets], { axis: { int: 1 } });
  return graph.apply('Neg', [picked], {}, 'surprise');
}
