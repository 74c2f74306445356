import type { GraphBuilder, Value } from '@logbert/onnx-graph';

/** A linear layer whose parameters are values of the graph; without an offset it adds nothing. */
interface LayerValues {
  readonly weight: Value;
  readonly offset: Value | undefined;
}

/**
 * The linear layers of a network by parameters that are values of the graph: those of training, but for attention, whose three
 * projections are apart. Neither keys nor values have an offset, for the reasons that `findScoringLayer` gives.
 *
 * @returns what applies the layer of a name to `[rows, from]`
 */
export function linearOf(
  graph: GraphBuilder,
  parameters: ReadonlyMap<string, Value>,
): (input: Value, name: string) => Value {
  const layers = new Map<string, LayerValues>();
  for (const [parameter, weight] of parameters) {
    const name = /^(.+)\.weight$/.exec(parameter)?.[1];
    if (name === undefined) continue;
    const [block = name, layer] = name.split('.');
    if (layer === 'attend') addAttention(graph, parameters, block, layers);
    else if (layer !== 'merge') {
      layers.set(name, { weight, offset: named(parameters, `${name}.offset`) });
    }
  }
  return (input, name) => {
    const layer = layers.get(name);
    if (!layer) throw new RangeError(`no layer is named ${name}`);
    const product = graph.matmul(input, layer.weight, name);
    return layer.offset ? graph.add(product, layer.offset) : product;
  };
}

/** Adds the projections of a block and the layer that merges its heads. */
function addAttention(
  graph: GraphBuilder,
  parameters: ReadonlyMap<string, Value>,
  block: string,
  layers: Map<string, LayerValues>,
): void {
  const merging = named(parameters, `${block}.merge.weight`);
  const width = Number(merging.dims[0]);
  const thirds = [width, width, width];
  const [query, key, value] = graph.split(named(parameters, `${block}.attend.weight`), thirds, 1);
  const [ofQuery, , ofValue] = graph.split(named(parameters, `${block}.attend.offset`), thirds, 0);
  if (!query || !key || !value || !ofQuery || !ofValue) {
    throw new RangeError('attention needs three projections');
  }
  const carried = graph.matmul(graph.reshape(ofValue, [1, width]), merging);
  const offset = graph.add(carried, named(parameters, `${block}.merge.offset`));
  layers.set(`${block}.query`, { weight: query, offset: ofQuery });
  layers.set(`${block}.key`, { weight: key, offset: undefined });
  layers.set(`${block}.value`, { weight: value, offset: undefined });
  layers.set(`${block}.merge`, { weight: merging, offset });
}

/** @throws RangeError when there is none of the name */
export function named(parameters: ReadonlyMap<string, Value>, name: string): Value {
  const value = parameters.get(name);
  if (!value) throw new RangeError(`no parameter is named ${name}`);
  return value;
}
