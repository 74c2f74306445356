import type { BuiltGraph } from './graph';
import type { DoubleTensor, Operator } from './operator';
import { OPERATORS } from './operators/operators';
import { numbersOf } from './tensor';

const ABSENT: DoubleTensor = { dims: [], data: Float64Array.of(0) };

/**
 * Computes a graph in double precision, one operator after the other. Slow: it is the reference that
 * gradients and runtimes are tested against, not a runtime.
 *
 * @param feeds the graph's inputs by name
 * @returns every value of the graph by name
 * @throws RangeError when an input is missing
 */
export function evaluateGraph(
  graph: BuiltGraph,
  feeds: Readonly<Record<string, DoubleTensor>>,
): ReadonlyMap<string, DoubleTensor> {
  const values = new Map<string, DoubleTensor>();
  for (const [name, tensor] of graph.constants) {
    values.set(name, { dims: tensor.dims, data: Float64Array.from(numbersOf(tensor)) });
  }
  for (const { name } of graph.inputs) {
    const feed = feeds[name];
    if (!feed) throw new RangeError(`input ${name} is missing`);
    values.set(name, feed);
  }
  for (const node of graph.nodes) {
    const { evaluate }: Operator = OPERATORS[node.operator];
    const inputs = node.inputs.map((input) => values.get(input?.name ?? '') ?? ABSENT);
    const outputs = evaluate(inputs, node.attributes);
    for (const [index, { name }] of node.outputs.entries())
      values.set(name, outputs[index] ?? ABSENT);
  }
  return values;
}
