import { broadcastDims, describeDims, type Dim } from '../dims';
import {
  floatAttribute,
  intAttribute,
  type DoubleTensor,
  type NodeSite,
  type Operator,
} from '../operator';
import { sizeOf, type ElementType } from '../tensor';
import type { Attributes, TensorShape } from '../value';
import { broadcastStrides } from './elementwise';
import { transposed } from './layout';

function swapLast<Item>(items: readonly Item[], isSwapped: boolean): Item[] {
  const last = items.at(-1);
  const before = items.at(-2);
  if (!isSwapped || last === undefined || before === undefined) return [...items];
  return [...items.slice(0, -2), last, before];
}

/** The first dimension moved behind those of the batch, where the rows of a matrix usually are. */
function rowsLast<Item>(items: readonly Item[], isRowsFirst: boolean): readonly Item[] {
  const [rows, ...rest] = items;
  if (!isRowsFirst || rows === undefined || rest.length < 2) return items;
  return [...rest.slice(0, -1), rows, ...rest.slice(-1)];
}

interface Orders {
  /** Whether the last two dimensions are used swapped. */
  readonly isLeftSwapped: boolean;
  readonly isRightSwapped: boolean;
  /** Whether rows come before the batch. */
  readonly isLeftRowsFirst: boolean;
  readonly isRightRowsFirst: boolean;
}

const PLAIN: Orders = {
  isLeftSwapped: false,
  isRightSwapped: false,
  isLeftRowsFirst: false,
  isRightRowsFirst: false,
};

function inferProduct(
  site: NodeSite,
  orders = PLAIN,
  rightType: ElementType = 'float32',
): TensorShape {
  const left = site.typed(0, 'float32');
  const right = site.typed(1, rightType);
  const both = `${describeDims(left.dims)} by ${describeDims(right.dims)}`;
  if (left.dims.length < 2 || right.dims.length < 2) {
    site.refuse(`cannot multiply ${both}: two dimensions are needed`);
  }
  const leftDims = swapLast(rowsLast(left.dims, orders.isLeftRowsFirst), orders.isLeftSwapped);
  const rightDims = swapLast(rowsLast(right.dims, orders.isRightRowsFirst), orders.isRightSwapped);
  if (leftDims.at(-1) !== rightDims.at(-2)) site.refuse(`cannot multiply ${both}`);
  const batch =
    broadcastDims(leftDims.slice(0, -2), rightDims.slice(0, -2)) ??
    site.refuse(`cannot broadcast the batches of ${both}`);
  return { type: 'float32', dims: [...batch, leftDims.at(-2) as Dim, rightDims.at(-1) as Dim] };
}

function multiply(
  left: DoubleTensor,
  right: DoubleTensor,
  { isLeftSwapped, isRightSwapped }: Pick<Orders, 'isLeftSwapped' | 'isRightSwapped'> = PLAIN,
  alpha = 1,
): DoubleTensor {
  const leftDims = swapLast(left.dims, isLeftSwapped);
  const rightDims = swapLast(right.dims, isRightSwapped);
  const [rows = 0, inner = 0] = leftDims.slice(-2);
  const columns = rightDims.at(-1) ?? 0;
  const batch = (broadcastDims(leftDims.slice(0, -2), rightDims.slice(0, -2)) ?? []).map(Number);
  const data = new Float64Array(sizeOf(batch) * rows * columns);
  const leftStrides = broadcastStrides(leftDims.slice(0, -2), batch);
  const rightStrides = broadcastStrides(rightDims.slice(0, -2), batch);
  for (let block = 0; block < sizeOf(batch); block++) {
    const leftStart = offsetOf(block, batch, leftStrides) * rows * inner;
    const rightStart = offsetOf(block, batch, rightStrides) * inner * columns;
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        let sum = 0;
        for (let k = 0; k < inner; k++) {
          const a =
            left.data[leftStart + (isLeftSwapped ? k * rows + row : row * inner + k)] ?? NaN;
          const at = isRightSwapped ? column * inner + k : k * columns + column;
          sum += a * (right.data[rightStart + at] ?? NaN);
        }
        data[(block * rows + row) * columns + column] = alpha * sum;
      }
    }
  }
  return { dims: [...batch, rows, columns], data };
}

function offsetOf(flat: number, dims: readonly number[], strides: readonly number[]): number {
  let offset = 0;
  let rest = flat;
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    const dim = dims[axis] ?? 1;
    offset += (rest % dim) * (strides[axis] ?? 0);
    rest = Math.floor(rest / dim);
  }
  return offset;
}

function ordersOf(attributes: Attributes): Orders {
  const isSet = (name: string): boolean => intAttribute(attributes, name, 0) === 1;
  return {
    isLeftSwapped: isSet('transA'),
    isRightSwapped: isSet('transB'),
    isLeftRowsFirst: isSet('transBatchA'),
    isRightRowsFirst: isSet('transBatchB'),
  };
}

/** A tensor with its first dimension moved behind those of the batch. */
function moveRowsLast(tensor: DoubleTensor, isRowsFirst: boolean): DoubleTensor {
  if (!isRowsFirst) return tensor;
  const axes = tensor.dims.map((_dim, axis) => axis);
  return transposed(tensor, rowsLast(axes, true));
}

const EMPTY: DoubleTensor = { dims: [], data: Float64Array.of(0) };

export const contractionOperators = {
  MatMul: {
    infer: (site) => [inferProduct(site)],
    evaluate: ([left = EMPTY, right = EMPTY]) => [multiply(left, right)],
  },
  /** alpha · A · B with either factor transposed in its last two dimensions, or with its rows before its batch. */
  FusedMatMul: {
    domain: 'com.microsoft',
    infer: (site) => [inferProduct(site, ordersOf(site.attributes))],
    evaluate: ([left = EMPTY, right = EMPTY], attributes) => {
      const orders = ordersOf(attributes);
      const factors = [
        moveRowsLast(left, orders.isLeftRowsFirst),
        moveRowsLast(right, orders.isRightRowsFirst),
      ] as const;
      return [multiply(...factors, orders, floatAttribute(attributes, 'alpha', 1))];
    },
  },
  /** A · (B · scale) + bias, B int8, A quantised to 8 bits on the fly. The reference keeps A exact. */
  DynamicQuantizeMatMul: {
    domain: 'com.microsoft',
    infer: (site) => {
      const product = inferProduct(site, PLAIN, 'int8');
      const columns = product.dims.at(-1) ?? 1;
      for (const [index, isOptional] of [
        [2, false],
        [4, true],
      ] as const) {
        if (isOptional && !site.inputs[index]) continue;
        const { dims } = site.typed(index, 'float32');
        const isOneEach = dims.length === 1 && dims[0] === columns;
        if (!isOneEach && (isOptional || dims.length > 0)) {
          site.refuse(
            `input ${index} ${describeDims(dims)} does not fit columns of ${describeDims(product.dims)}`,
          );
        }
      }
      return [product];
    },
    evaluate: ([left = EMPTY, right = EMPTY, scale = EMPTY, , bias = EMPTY]) => {
      const weights = right.data.map((q, i) => q * (scale.data[i % scale.data.length] ?? NaN));
      const product = multiply(left, { dims: right.dims, data: weights });
      const data = product.data.map((x, i) => x + (bias.data[i % bias.data.length] ?? NaN));
      return [{ dims: product.dims, data }];
    },
  },
} satisfies Record<string, Operator>;
