import { describeDims } from '../dims';
import {
  describeShape,
  intAttribute,
  type DoubleTensor,
  type NodeSite,
  type Operator,
} from '../operator';
import { sizeOf } from '../tensor';
import type { Value } from '../value';

const EMPTY: DoubleTensor = { dims: [], data: Float64Array.of(0) };

function indicesOf(site: NodeSite, index: number): Value {
  return site.typed(index, 'int32', 'int64');
}

export const selectionOperators = {
  /** Rows (or slices of `axis`) by their numbers. */
  Gather: {
    infer: (site) => {
      const [input, indices] = [site.input(0), indicesOf(site, 1)];
      const axis = site.axis(site.int('axis', 0), input);
      const dims = [...input.dims.slice(0, axis), ...indices.dims, ...input.dims.slice(axis + 1)];
      return [{ type: input.type, dims }];
    },
    evaluate: ([input = EMPTY, indices = EMPTY], attributes) => {
      const axis = intAttribute(attributes, 'axis', 0);
      const rows = sizeOf(input.dims.slice(0, axis));
      const length = input.dims[axis] ?? 0;
      const width = sizeOf(input.dims.slice(axis + 1));
      const dims = [...input.dims.slice(0, axis), ...indices.dims, ...input.dims.slice(axis + 1)];
      const data = new Float64Array(sizeOf(dims));
      let to = 0;
      for (let row = 0; row < rows; row++) {
        for (const index of indices.data) {
          const from = (row * length + index) * width;
          data.set(input.data.subarray(from, from + width), to);
          to += width;
        }
      }
      return [{ dims, data }];
    },
  },
  /** One element a row of a matrix: `output[i, j] = input[i, indices[i, j]]`. */
  GatherElements: {
    infer: (site) => {
      const [input, indices] = [site.input(0), indicesOf(site, 1)];
      const axis = site.axis(site.int('axis', 0), input);
      const isMatrix = input.dims.length === 2 && indices.dims.length === 2;
      if (!isMatrix || axis !== 1 || indices.dims[0] !== input.dims[0]) {
        site.refuse(
          `cannot pick ${describeDims(indices.dims)} from rows of ${describeDims(input.dims)}`,
        );
      }
      return [{ type: input.type, dims: indices.dims }];
    },
    evaluate: ([input = EMPTY, indices = EMPTY]) => {
      const width = input.dims[1] ?? 0;
      const picks = indices.dims[1] ?? 1;
      const data = indices.data.map(
        (index, at) => input.data[Math.floor(at / picks) * width + index] ?? NaN,
      );
      return [{ dims: indices.dims, data }];
    },
  },
  /**
   * A copy with the updates added along axis 0: `output[indices[i, j], j] += updates[i, j]`. One row may
   * get several; the order, and so the rounding, is that of the updates.
   */
  ScatterElements: {
    infer: (site) => {
      const [input, indices] = [site.typed(0, 'float32'), indicesOf(site, 1)];
      const updates = site.typed(2, 'float32');
      const isFitting =
        `${indices.dims}` === `${updates.dims}` &&
        `${updates.dims.slice(1)}` === `${input.dims.slice(1)}` &&
        updates.dims.length === input.dims.length;
      if (site.int('axis', 0) !== 0 || !isFitting) {
        site.refuse(
          `cannot add ${describeDims(updates.dims)} at ${describeDims(indices.dims)} to ${describeDims(input.dims)}`,
        );
      }
      return [{ type: input.type, dims: input.dims }];
    },
    evaluate: ([input = EMPTY, indices = EMPTY, updates = EMPTY]) => {
      const width = sizeOf(input.dims.slice(1));
      const data = input.data.slice();
      for (const [at, value] of updates.data.entries()) {
        const to = (indices.data[at] ?? 0) * width + (at % width);
        data[to] = (data[to] ?? NaN) + value;
      }
      return [{ dims: input.dims, data }];
    },
  },
  /** A row for each index that is `on` in the index's column and `off` elsewhere. */
  OneHot: {
    infer: (site) => {
      const indices = indicesOf(site, 0);
      const [depth = 0] = site.constant(1, site.typed(1, 'int32', 'int64').type);
      const values = site.input(2);
      if (values.dims.length !== 1 || values.dims[0] !== 2) {
        site.refuse(
          `${describeShape(values)} is no pair of off and on for ${describeDims(indices.dims)}`,
        );
      }
      return [{ type: values.type, dims: [...indices.dims, depth] }];
    },
    evaluate: ([indices = EMPTY, depth = EMPTY, values = EMPTY]) => {
      const width = depth.data[0] ?? 0;
      const [off = 0, on = 1] = values.data;
      const data = new Float64Array(indices.data.length * width).fill(off);
      for (const [row, index] of indices.data.entries()) data[row * width + index] = on;
      return [{ dims: [...indices.dims, width], data }];
    },
  },
} satisfies Record<string, Operator>;
