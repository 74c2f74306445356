import type { GraphBuilder, Value } from '@logbert/onnx-graph';
import type { Architecture } from './architecture';
import { buildEncoder } from './encoder';

/** Added to the attention of padding: its weight becomes exactly 0 in float32. */
export const PADDING_PENALTY = -1e9;

export interface ScoringParts {
  readonly architecture: Architecture;
  /** `[vocabulary, hidden]` */
  readonly tokenEmbedding: Value;
  /** `[maxLength, hidden]` */
  readonly positionEmbedding: Value;
  linear(input: Value, name: string): Value;
}

/**
 * Forward pass for any batch, by parameters that may be values of the graph: what each wanted row says.
 *
 * Inputs: `tokens` `[batch, length]`, int32; `rows` `[rows]`, int32, positions counted through the batch.
 *
 * @returns `represented` `[rows, hidden]` and `logProbabilities` `[rows, classes]` in nats
 */
export function buildScoringGraph(
  graph: GraphBuilder,
  parts: ScoringParts,
): { represented: Value; logProbabilities: Value } {
  const tokens = graph.input('tokens', 'int32', ['batch', 'length']);
  const rows = graph.input('rows', 'int32', ['rows']);
  const zero = graph.constant({ type: 'int32', dims: [], data: Int32Array.of(0) }, 'paddingToken');
  const penalty = graph.apply('Where', [
    graph.apply('Equal', [tokens, zero]),
    graph.scalar(PADDING_PENALTY),
    graph.scalar(0),
  ]);
  const padding = graph.apply('Unsqueeze', [penalty, graph.integersOf([1, 2])]);
  const positions = graph.firstRows(parts.positionEmbedding, graph.sizeOfAxis(tokens, 1));
  const embedded = graph.add(graph.gather(parts.tokenEmbedding, tokens), positions);
  const represented = buildEncoder(graph, {
    ...parts,
    embedded,
    padding,
    rows,
    drop: (value) => value,
  });
  const logits = parts.linear(represented, 'output');
  const logProbabilities = graph.apply('LogSoftmax', [logits], { axis: { int: -1 } });
  return { represented, logProbabilities };
}

/** Surprise of the target class of each row: input `targets` `[rows, 1]`, output `[rows, 1]`, nats. */
export function buildSurprise(graph: GraphBuilder, logProbabilities: Value): Value {
  const targets = graph.input('targets', 'int32', ['rows', 1]);
  const picked = graph.apply('GatherElements', [logProbabilities, targets], { axis: { int: 1 } });
  return graph.apply('Neg', [picked], {}, 'surprise');
}
