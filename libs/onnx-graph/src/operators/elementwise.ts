import { broadcastDims, describeDims } from '../dims';
import { describeShape, type DoubleTensor, type NodeSite, type Operator } from '../operator';
import type { ElementType, Tensor } from '../tensor';
import { sizeOf } from '../tensor';
import type { TensorShape } from '../value';

/** Types that arithmetic is done with. */
const NUMBERS = ['float32', 'int32', 'int64'] as const;

function broadcast(site: NodeSite, inputs: readonly number[]): TensorShape {
  const first = site.input(inputs[0] ?? 0);
  let dims = first.dims;
  for (const index of inputs.slice(1)) {
    const other = site.input(index);
    if (other.type !== first.type) {
      site.refuse(`cannot combine ${describeShape(first)} with ${describeShape(other)}`);
    }
    dims =
      broadcastDims(dims, other.dims) ??
      site.refuse(`cannot broadcast ${describeDims(first.dims)} with ${describeDims(other.dims)}`);
  }
  return { type: first.type, dims };
}

/** For each element of the broadcast shape, calls `compute` with the elements of the inputs there. */
export function mapBroadcast(
  inputs: readonly DoubleTensor[],
  compute: (...elements: number[]) => number,
): DoubleTensor {
  const dims = inputs
    .map((input) => input.dims)
    .reduce((all, next) => (broadcastDims(all, next) ?? []).map(Number));
  const data = new Float64Array(sizeOf(dims));
  const sources = inputs.map((input) => broadcastStrides(input.dims, dims));
  const index = new Array<number>(dims.length).fill(0);
  for (let flat = 0; flat < data.length; flat++) {
    const elements = inputs.map((input, i) => {
      const strides = sources[i] ?? [];
      const at = index.reduce((sum, position, axis) => sum + position * (strides[axis] ?? 0), 0);
      return input.data[at] ?? Number.NaN;
    });
    data[flat] = compute(...elements);
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] ?? 0) + 1;
      if ((index[axis] ?? 0) < (dims[axis] ?? 0)) break;
      index[axis] = 0;
    }
  }
  return { dims, data };
}

/** Distance in memory between neighbours along each axis of `into`; 0 where the source is repeated. */
export function broadcastStrides(dims: readonly number[], into: readonly number[]): number[] {
  const strides: number[] = new Array<number>(into.length).fill(0);
  let stride = 1;
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    const dim = dims[axis] ?? 1;
    strides[into.length - dims.length + axis] = dim === 1 ? 0 : stride;
    stride *= dim;
  }
  return strides;
}

function unary(compute: (element: number) => number): Operator {
  return {
    infer: (site) => {
      const { type, dims } = site.typed(0, 'float32');
      return [{ type, dims }];
    },
    evaluate: (inputs) => [mapBroadcast(inputs, compute)],
  };
}

function binary(compute: (left: number, right: number) => number): Operator {
  return {
    infer: (site) => {
      site.typed(0, ...NUMBERS);
      return [broadcast(site, [0, 1])];
    },
    evaluate: (inputs) => [mapBroadcast(inputs, compute)],
  };
}

function comparison(
  compute: (left: number, right: number) => boolean,
  ...types: readonly ElementType[]
): Operator {
  return {
    infer: (site) => {
      site.typed(0, ...types);
      return [{ ...broadcast(site, [0, 1]), type: 'bool' }];
    },
    evaluate: (inputs) => [mapBroadcast(inputs, (left, right) => Number(compute(left, right)))],
  };
}

const ELEMENT_TYPE_NUMBERS: Readonly<Record<ElementType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
};

/** Number of an element type in `TensorProto.DataType`. */
export function elementTypeNumber(type: Tensor['type']): number {
  return ELEMENT_TYPE_NUMBERS[type];
}

export const elementwiseOperators = {
  Add: binary((left, right) => left + right),
  Sub: binary((left, right) => left - right),
  Mul: binary((left, right) => left * right),
  Div: binary((left, right) => left / right),
  Min: binary((left, right) => Math.min(left, right)),
  Equal: comparison((left, right) => left === right, ...NUMBERS, 'bool'),
  Greater: comparison((left, right) => left > right, ...NUMBERS),
  Relu: unary((element) => Math.max(element, 0)),
  Sqrt: unary(Math.sqrt),
  Neg: unary((element) => -element),
  Exp: unary(Math.exp),
  Where: {
    infer: (site) => {
      const condition = site.typed(0, 'bool');
      const { type } = site.input(1);
      const chosen = broadcast(site, [1, 2]);
      const dims =
        broadcastDims(condition.dims, chosen.dims) ??
        site.refuse(
          `cannot broadcast ${describeDims(condition.dims)} with ${describeDims(chosen.dims)}`,
        );
      return [{ type, dims }];
    },
    evaluate: (inputs) => [
      mapBroadcast(inputs, (condition, yes, no) => (condition ? (yes ?? NaN) : (no ?? NaN))),
    ],
  },
  Cast: {
    infer: (site) => {
      const { dims } = site.input(0);
      const to = site.int('to', 0);
      const found = Object.entries(ELEMENT_TYPE_NUMBERS).find(([, number]) => number === to);
      const type = (found?.[0] ?? site.refuse(`unknown element type ${to}`)) as ElementType;
      return [{ type, dims }];
    },
    evaluate: (inputs) => [mapBroadcast(inputs, (element) => element)],
  },
} satisfies Record<string, Operator>;
