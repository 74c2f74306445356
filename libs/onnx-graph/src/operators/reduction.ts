import { describeDims, type Dim } from '../dims';
import {
  floatAttribute,
  intAttribute,
  type DoubleTensor,
  type NodeSite,
  type Operator,
} from '../operator';
import type { TensorShape } from '../value';
import { sizeOf } from '../tensor';

const EMPTY: DoubleTensor = { dims: [], data: Float64Array.of(0) };

function inferReduced(site: NodeSite): TensorShape {
  const input = site.typed(0, 'float32');
  const axes = new Set(
    site.inputs.length > 1
      ? site.constant(1).map((axis) => site.axis(axis, input))
      : input.dims.keys(),
  );
  const isKept = site.int('keepdims', 1) === 1;
  const dims = input.dims.flatMap((dim, axis): Dim[] =>
    !axes.has(axis) ? [dim] : isKept ? [1] : [],
  );
  return { type: input.type, dims };
}

function reduction(
  finish: (sum: number, count: number) => number,
  term = (x: number) => x,
): Operator {
  return {
    infer: (site) => [inferReduced(site)],
    evaluate: ([input = EMPTY, axesInput], attributes) => {
      const rank = input.dims.length;
      const given = axesInput ? [...axesInput.data] : [...input.dims.keys()];
      const axes = new Set(given.map((axis) => (axis < 0 ? axis + rank : axis)));
      const kept = input.dims.map((dim, axis) => (axes.has(axis) ? 1 : dim));
      const sums = new Float64Array(sizeOf(kept));
      for (let flat = 0; flat < input.data.length; flat++) {
        let rest = flat;
        let to = 0;
        let stride = 1;
        for (let axis = rank - 1; axis >= 0; axis--) {
          const dim = input.dims[axis] ?? 1;
          if (!axes.has(axis)) {
            to += (rest % dim) * stride;
            stride *= dim;
          }
          rest = Math.floor(rest / dim);
        }
        sums[to] = (sums[to] ?? 0) + term(input.data[flat] ?? NaN);
      }
      const count = input.data.length / Math.max(sums.length, 1);
      const isKept = intAttribute(attributes, 'keepdims', 1) === 1;
      const dims = isKept ? kept : input.dims.filter((_dim, axis) => !axes.has(axis));
      return [{ dims, data: sums.map((sum) => finish(sum, count)) }];
    },
  };
}

/** Applies `compute` to each run of the last axis. */
function mapRows(input: DoubleTensor, compute: (row: Float64Array) => Float64Array): DoubleTensor {
  const width = input.dims.at(-1) ?? 1;
  const data = new Float64Array(input.data.length);
  for (let start = 0; start < data.length; start += width) {
    data.set(compute(input.data.subarray(start, start + width)), start);
  }
  return { dims: input.dims, data };
}

function logSoftmaxRow(row: Float64Array): Float64Array {
  const peak = Math.max(...row);
  const total = row.reduce((sum, x) => sum + Math.exp(x - peak), 0);
  return row.map((x) => x - peak - Math.log(total));
}

/** The input of an operator that works along the last axis, and along no other. */
function lastAxisOf(site: NodeSite): TensorShape {
  const input = site.typed(0, 'float32');
  const axis = site.int('axis', -1);
  if (site.axis(axis, input) !== input.dims.length - 1) {
    site.refuse(`axis ${axis} of ${describeDims(input.dims)}: only the last one is handled`);
  }
  return input;
}

function rowOperator(compute: (row: Float64Array) => Float64Array): Operator {
  return {
    infer: (site) => {
      const input = lastAxisOf(site);
      return [{ type: input.type, dims: input.dims }];
    },
    evaluate: ([input = EMPTY]) => [mapRows(input, compute)],
  };
}

function momentsOf(row: Float64Array, epsilon: number): { mean: number; scale: number } {
  const mean = row.reduce((sum, x) => sum + x, 0) / row.length;
  const variance = row.reduce((sum, x) => sum + (x - mean) ** 2, 0) / row.length;
  return { mean, scale: 1 / Math.sqrt(variance + epsilon) };
}

export const reductionOperators = {
  ReduceSum: reduction((sum) => sum),
  ReduceMean: reduction((sum, count) => sum / count),
  ReduceSumSquare: reduction(
    (sum) => sum,
    (x) => x * x,
  ),
  Softmax: rowOperator((row) => logSoftmaxRow(row).map(Math.exp)),
  LogSoftmax: rowOperator(logSoftmaxRow),
  /** Over the last axis: normalised input, its mean, and the inverse of its standard deviation. */
  LayerNormalization: {
    infer: (site) => {
      const input = lastAxisOf(site);
      const gain = site.typed(1, 'float32');
      if (gain.dims.length !== 1 || gain.dims[0] !== input.dims.at(-1)) {
        site.refuse(`gain ${describeDims(gain.dims)} does not fit ${describeDims(input.dims)}`);
      }
      const reduced = { type: input.type, dims: [...input.dims.slice(0, -1), 1] };
      return [{ type: input.type, dims: input.dims }, reduced, reduced];
    },
    evaluate: ([input = EMPTY, gain = EMPTY], attributes) => {
      const epsilon = floatAttribute(attributes, 'epsilon', 1e-5);
      const rows: { mean: number; scale: number }[] = [];
      const output = mapRows(input, (row) => {
        const moments = momentsOf(row, epsilon);
        rows.push(moments);
        return row.map((x, i) => (x - moments.mean) * moments.scale * (gain.data[i] ?? NaN));
      });
      const dims = [...input.dims.slice(0, -1), 1];
      return [
        output,
        { dims, data: Float64Array.from(rows, ({ mean }) => mean) },
        { dims, data: Float64Array.from(rows, ({ scale }) => scale) },
      ];
    },
  },
  /** The largest elements of the last axis in falling order, and where they were. */
  TopK: {
    infer: (site) => {
      const input = lastAxisOf(site);
      const count = site.typed(1, 'int64');
      if (count.dims.length !== 1 || count.dims[0] !== 1) {
        site.refuse(
          `count ${describeDims(count.dims)} must be one number for ${describeDims(input.dims)}`,
        );
      }
      const dims = [...input.dims.slice(0, -1), 'top'];
      return [
        { type: input.type, dims },
        { type: 'int64', dims },
      ];
    },
    evaluate: ([input = EMPTY, count = EMPTY]) => {
      const width = input.dims.at(-1) ?? 1;
      const k = count.data[0] ?? 1;
      const values: number[] = [];
      const indices: number[] = [];
      for (let start = 0; start < input.data.length; start += width) {
        const row = input.data.subarray(start, start + width);
        const best = [...row.keys()]
          .sort((a, b) => (row[b] ?? 0) - (row[a] ?? 0) || a - b)
          .slice(0, k);
        indices.push(...best);
        values.push(...best.map((i) => row[i] ?? NaN));
      }
      const dims = [...input.dims.slice(0, -1), k];
      return [
        { dims, data: Float64Array.from(values) },
        { dims, data: Float64Array.from(indices) },
      ];
    },
  },
} satisfies Record<string, Operator>;
