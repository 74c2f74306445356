import type { Parameter } from './trained-logbert';

/** A linear layer; without an offset it adds nothing. */
export interface LinearLayer {
  /** `[from, to]` */
  readonly weight: Parameter;
  /** `[to]` */
  readonly offset?: Parameter;
}

/**
 * The linear layers of a scoring model, by name: those of training, but for attention, whose three projections are apart.
 *
 * Keys need no offset: it adds the same to all products of a query, which leaves their softmax as it is. Neither do values:
 * weights of sum 1 carry their offset unchanged to the merging layer, whose own offset it is added to.
 *
 * @param parameterOf a trained parameter by its name
 */
export function findScoringLayer(
  name: string,
  parameterOf: (name: string) => Parameter,
): LinearLayer {
  const [block = name, layer] = name.split('.');
  const attend = `${block}.attend`;
  switch (layer) {
    case 'query':
      return {
        weight: third(parameterOf(`${attend}.weight`), 0),
        offset: third(parameterOf(`${attend}.offset`), 0),
      };
    case 'key':
      return { weight: third(parameterOf(`${attend}.weight`), 1) };
    case 'value':
      return { weight: third(parameterOf(`${attend}.weight`), 2) };
    case 'merge': {
      const weight = parameterOf(`${name}.weight`);
      const carried = third(parameterOf(`${attend}.offset`), 2);
      return { weight, offset: addProduct(parameterOf(`${name}.offset`), carried, weight) };
    }
    default:
      return { weight: parameterOf(`${name}.weight`), offset: parameterOf(`${name}.offset`) };
  }
}

/** One of three blocks of equal width along the last axis. */
function third({ dims, data }: Parameter, index: number): Parameter {
  const all = dims.at(-1) ?? 0;
  const width = all / 3;
  const rows = data.length / all;
  const block = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++) {
    const start = row * all + index * width;
    block.set(data.subarray(start, start + width), row * width);
  }
  return { dims: dims.with(-1, width), data: block };
}

/** offset + row · matrix. */
function addProduct(offset: Parameter, row: Parameter, { data: matrix }: Parameter): Parameter {
  const columns = offset.data.length;
  const sums = Float64Array.from(offset.data);
  for (const [at, weight] of matrix.entries()) {
    const column = at % columns;
    sums[column] = (sums[column] ?? 0) + (row.data[Math.floor(at / columns)] ?? 0) * weight;
  }
  return { dims: offset.dims, data: Float32Array.from(sums) };
}
