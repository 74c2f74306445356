import { describeDims } from '../dims';
import { intAttribute, type DoubleTensor, type NodeSite, type Operator } from '../operator';
import { sizeOf } from '../tensor';

const EMPTY: DoubleTensor = { dims: [], data: Float64Array.of(0) };

function needIndices(site: NodeSite, index: number): void {
  const { type } = site.input(index);
  if (type !== 'int32' && type !== 'int64')
    site.refuse(`indices must be int32 or int64, not ${type}`);
}

export const selectionOperators = {
  /** Rows (or slices of `axis`) by their numbers. */
  Gather: {
    infer: (site) => {
      needIndices(site, 1);
      const [input, indices] = [site.input(0), site.input(1)];
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
      needIndices(site, 1);
      const [input, indices] = [site.input(0), site.input(1)];
      const axis = site.axis(site.int('axis', 0), input);
      if (input.dims.length !== 2 || axis !== 1 || indices.dims[0] !== input.dims[0]) {
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
      needIndices(site, 1);
      const [input, indices, updates] = [site.input(0), site.input(1), site.input(2)];
      if (site.int('axis', 0) !== 0 || `${indices.dims}` !== `${updates.dims}`) {
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
      needIndices(site, 0);
      const [depth = 0] = site.constant(1);
      return [{ type: site.input(2).type, dims: [...site.input(0).dims, depth] }];
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
