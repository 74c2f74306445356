import { broadcastDims, describeDims, productOf, type Dim } from '../dims';
import { mapBroadcast } from './elementwise';
import {
  describeShape,
  intAttribute,
  intsAttribute,
  type DoubleTensor,
  type Operator,
} from '../operator';
import { sizeOf } from '../tensor';

const EMPTY: DoubleTensor = { dims: [], data: Float64Array.of(0) };

/** Target of a Reshape with 0 (keep the dimension) and -1 (the rest) resolved. */
function resolveTarget(dims: readonly number[], target: readonly number[]): number[] {
  const kept = target.map((dim, axis) => (dim === 0 ? (dims[axis] ?? 0) : dim));
  const known = sizeOf(kept.filter((dim) => dim !== -1));
  return kept.map((dim) => (dim === -1 ? sizeOf(dims) / known : dim));
}

/** The same with symbolic dimensions; the rest is what is left of the product of all. */
function inferTarget(dims: readonly Dim[], target: readonly Dim[]): Dim[] | undefined {
  const kept = target.map((dim, axis) => (dim === 0 ? dims[axis] : dim));
  const known = kept.filter((dim): dim is Dim => dim !== undefined && dim !== -1);
  if (known.length < target.length - 1) return undefined;
  const whole = productOf(dims).split('*');
  const part = productOf(known).split('*');
  const factor = Number(whole[0]) / Number(part[0]);
  const names = whole.slice(1);
  for (const name of part.slice(1)) {
    const at = names.indexOf(name);
    if (at === -1) return undefined;
    names.splice(at, 1);
  }
  const rest =
    names.length === 0 ? factor : [...(factor === 1 ? [] : [factor]), ...names].join('*');
  const isWhole = Number.isInteger(factor) && (target.includes(-1) || rest === 1);
  return isWhole ? kept.map((dim) => (dim === -1 || dim === undefined ? rest : dim)) : undefined;
}

/** The tensor with its axes in another order. */
export function transposed(input: DoubleTensor, order: readonly number[]): DoubleTensor {
  const dims = order.map((axis) => input.dims[axis] ?? 1);
  const strides = input.dims.map((_dim, axis) => sizeOf(input.dims.slice(axis + 1)));
  const data = new Float64Array(input.data.length);
  for (let flat = 0; flat < data.length; flat++) {
    let rest = flat;
    let from = 0;
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      from += (rest % (dims[axis] ?? 1)) * (strides[order[axis] ?? 0] ?? 0);
      rest = Math.floor(rest / (dims[axis] ?? 1));
    }
    data[flat] = input.data[from] ?? NaN;
  }
  return { dims, data };
}

/** Blocks of one tensor along an axis: how many rows there are before it and how wide the rest is. */
function blocksAlong(dims: readonly number[], axis: number): { rows: number; width: number } {
  const at = axis < 0 ? axis + dims.length : axis;
  return { rows: sizeOf(dims.slice(0, at)), width: sizeOf(dims.slice(at + 1)) };
}

export const layoutOperators = {
  Reshape: {
    infer: (site) => {
      const input = site.input(0);
      const target = site.dims(1);
      const dims =
        inferTarget(input.dims, target) ??
        site.refuse(`cannot reshape ${describeDims(input.dims)} to ${describeDims(target)}`);
      return [{ type: input.type, dims }];
    },
    evaluate: ([input = EMPTY, target = EMPTY]) => [
      { dims: resolveTarget(input.dims, [...target.data]), data: input.data },
    ],
  },
  Expand: {
    infer: (site) => {
      const input = site.input(0);
      const target = site.constant(1);
      const dims =
        broadcastDims(input.dims, target) ??
        site.refuse(`cannot expand ${describeDims(input.dims)} to ${describeDims(target)}`);
      return [{ type: input.type, dims }];
    },
    evaluate: ([input = EMPTY, target = EMPTY]) => {
      const dims = (broadcastDims(input.dims, [...target.data]) ?? []).map(Number);
      const zeros = { dims, data: new Float64Array(sizeOf(dims)) };
      return [mapBroadcast([input, zeros], (element, zero) => element + zero)];
    },
  },
  /** The sizes of the axes from `start` to before `end`. */
  Shape: {
    infer: (site) => {
      const { dims } = site.input(0);
      const [start, end] = [site.int('start', 0), site.int('end', dims.length)];
      if (!(start >= 0 && start <= end && end <= dims.length)) {
        site.refuse(`axes ${start} to before ${end} of ${describeDims(dims)}`);
      }
      return [{ type: 'int64', dims: [end - start] }];
    },
    evaluate: ([input = EMPTY], attributes) => {
      const start = intAttribute(attributes, 'start', 0);
      const sizes = input.dims.slice(start, intAttribute(attributes, 'end', input.dims.length));
      return [{ dims: [sizes.length], data: Float64Array.from(sizes) }];
    },
  },
  /** The first rows: from 0 to before `ends` along axis 0. */
  Slice: {
    infer: (site) => {
      const input = site.input(0);
      const [end] = site.dims(2);
      const rows = input.dims[0];
      if (site.constant(1)[0] !== 0 || site.constant(3)[0] !== 0 || end === undefined) {
        return site.refuse(`only the first rows of ${describeDims(input.dims)} can be taken`);
      }
      if (
        rows === undefined ||
        (typeof rows === 'number' && typeof end === 'number' && end > rows)
      ) {
        return site.refuse(`${end} rows of ${describeDims(input.dims)}`);
      }
      return [{ type: input.type, dims: input.dims.with(0, end) }];
    },
    evaluate: ([input = EMPTY, , ends = EMPTY]) => {
      const dims = input.dims.with(0, ends.data[0] ?? 0);
      return [{ dims, data: input.data.slice(0, sizeOf(dims)) }];
    },
  },
  Transpose: {
    infer: (site) => {
      const input = site.input(0);
      const order = site.ints('perm');
      const isOrder = [...order].sort((a, b) => a - b).every((axis, i) => axis === i);
      if (!isOrder || order.length !== input.dims.length) {
        site.refuse(`[${order.join()}] is no order of ${describeDims(input.dims)}`);
      }
      return [{ type: input.type, dims: order.map((axis) => input.dims[axis] ?? 0) }];
    },
    evaluate: ([input = EMPTY], attributes) => [
      transposed(input, intsAttribute(attributes, 'perm')),
    ],
  },
  Split: {
    infer: (site) => {
      const input = site.input(0);
      const axis = site.axis(site.int('axis', 0), input);
      const sizes = site.constant(1);
      const total = sizes.reduce((sum, size) => sum + size, 0);
      if (total !== input.dims[axis] || sizes.some((size) => size < 0)) {
        site.refuse(
          `[${sizes.join()}] does not divide axis ${axis} of ${describeDims(input.dims)}`,
        );
      }
      return sizes.map((size) => ({ type: input.type, dims: input.dims.with(axis, size) }));
    },
    evaluate: ([input = EMPTY, sizes = EMPTY], attributes) => {
      const axis = intAttribute(attributes, 'axis', 0);
      const { rows, width } = blocksAlong(input.dims, axis);
      const stride = input.data.length / rows;
      let start = 0;
      return [...sizes.data].map((size) => {
        const data = new Float64Array(rows * size * width);
        for (let row = 0; row < rows; row++) {
          const from = row * stride + start * width;
          data.set(input.data.subarray(from, from + size * width), row * size * width);
        }
        start += size;
        return { dims: input.dims.with(axis, size), data };
      });
    },
  },
  Concat: {
    infer: (site) => {
      const first = site.input(0);
      const axis = site.axis(site.int('axis', 0), first);
      let total = 0;
      for (const [index] of site.inputs.entries()) {
        const input = site.input(index);
        const length = input.dims[axis];
        if (input.type !== first.type) {
          return site.refuse(`cannot join ${describeShape(first)} and ${describeShape(input)}`);
        }
        if (
          input.dims.length !== first.dims.length ||
          typeof length !== 'number' ||
          `${input.dims.with(axis, 0)}` !== `${first.dims.with(axis, 0)}`
        ) {
          return site.refuse(
            `cannot join ${describeDims(first.dims)} and ${describeDims(input.dims)} on ${axis}`,
          );
        }
        total += length;
      }
      return [{ type: first.type, dims: first.dims.with(axis, total) }];
    },
    evaluate: (inputs, attributes) => {
      const first = inputs[0] ?? EMPTY;
      const axis = intAttribute(attributes, 'axis', 0);
      const { rows } = blocksAlong(first.dims, axis);
      const total = inputs.reduce((sum, input) => sum + (input.dims.at(axis) ?? 0), 0);
      const dims = first.dims.with(axis, total);
      const data = new Float64Array(sizeOf(dims));
      let start = 0;
      for (const input of inputs) {
        const length = input.data.length / rows;
        for (let row = 0; row < rows; row++) {
          const block = input.data.subarray(row * length, (row + 1) * length);
          data.set(block, (row * data.length) / rows + start);
        }
        start += length;
      }
      return [{ dims, data }];
    },
  },
  Squeeze: {
    infer: (site) => {
      const input = site.input(0);
      const axes = site.constant(1).map((axis) => site.axis(axis, input));
      if (axes.some((axis) => input.dims[axis] !== 1)) {
        site.refuse(`axes [${axes.join()}] of ${describeDims(input.dims)} are not all 1`);
      }
      return [{ type: input.type, dims: input.dims.filter((_dim, axis) => !axes.includes(axis)) }];
    },
    evaluate: ([input = EMPTY, axes = EMPTY]) => [
      { dims: input.dims.filter((_dim, axis) => !axes.data.includes(axis)), data: input.data },
    ],
  },
  Unsqueeze: {
    infer: (site) => {
      const input = site.input(0);
      const dims = [...input.dims];
      for (const axis of site.constant(1)) {
        if (axis < 0 || axis > dims.length) {
          site.refuse(`no room for axis ${axis} in ${describeDims(dims)}`);
        }
        dims.splice(axis, 0, 1);
      }
      return [{ type: input.type, dims }];
    },
    evaluate: ([input = EMPTY, axes = EMPTY]) => {
      const dims = [...input.dims];
      for (const axis of axes.data) dims.splice(axis, 0, 1);
      return [{ dims, data: input.data }];
    },
  },
} satisfies Record<string, Operator>;
