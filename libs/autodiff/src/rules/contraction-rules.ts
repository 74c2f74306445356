import { floatAttribute, intAttribute, type Value } from '@logbert/onnx-graph';
import { sumToShape, type GradientRule, type GradientSite } from '../gradient-rule';

interface Product {
  /** Whether A, and whether B, is used with its last two dimensions swapped. */
  readonly isLeftSwapped: boolean;
  readonly isRightSwapped: boolean;
  /** Whether the rows of A, and of B, come before the batch. */
  readonly isLeftRowsFirst: boolean;
  readonly isRightRowsFirst: boolean;
  readonly factor: number;
}

const PLAIN: Product = {
  isLeftSwapped: false,
  isRightSwapped: false,
  isLeftRowsFirst: false,
  isRightRowsFirst: false,
  factor: 1,
};

/** Moves the rows of a batch of matrices before the batch. */
function rowsFirst(site: GradientSite, value: Value, isRowsFirst: boolean): Value {
  if (!isRowsFirst) return value;
  const axes = value.dims.map((_dim, axis) => axis);
  const [column = 0, row = 0] = [axes.pop(), axes.pop()];
  return site.graph.transpose(value, [row, ...axes, column]);
}

/** C = α·A·B: dA = α·dC·Bᵀ, and its transpose α·B·dCᵀ where A was used transposed. */
function leftGradient(
  site: GradientSite,
  { isLeftSwapped, isRightSwapped, isLeftRowsFirst, isRightRowsFirst, factor }: Product,
): Value {
  const [gradient, right] = [site.gradient(), site.input(1)];
  const product = isLeftSwapped
    ? site.graph.fusedMatmul(right, gradient, {
        isLeftTransposed: isRightSwapped,
        isRightTransposed: true,
        isLeftRowsFirst: isRightRowsFirst,
        factor,
      })
    : site.graph.fusedMatmul(gradient, right, {
        isRightTransposed: !isRightSwapped,
        isRightRowsFirst,
        factor,
      });
  const ordered = rowsFirst(site, product, isLeftRowsFirst);
  return sumToShape(site.graph, ordered, site.input(0).dims);
}

/** C = α·A·B: dB = α·Aᵀ·dC, and its transpose α·dCᵀ·A where B was used transposed. */
function rightGradient(
  site: GradientSite,
  { isLeftSwapped, isRightSwapped, isLeftRowsFirst, isRightRowsFirst, factor }: Product,
): Value {
  const [left, gradient] = sharedFactor(site, isLeftSwapped || isLeftRowsFirst) ?? [
    site.input(0),
    site.gradient(),
  ];
  const product = isRightSwapped
    ? site.graph.fusedMatmul(gradient, left, {
        isLeftTransposed: true,
        isRightTransposed: isLeftSwapped,
        isRightRowsFirst: isLeftRowsFirst,
        factor,
      })
    : site.graph.fusedMatmul(left, gradient, {
        isLeftTransposed: !isLeftSwapped,
        isLeftRowsFirst,
        factor,
      });
  const ordered = rowsFirst(site, product, isRightRowsFirst);
  return sumToShape(site.graph, ordered, site.input(1).dims);
}

/** When one matrix B multiplies a whole batch, the batch is one tall matrix: one product, nothing to sum. */
function sharedFactor(site: GradientSite, isLeftMoved: boolean): [Value, Value] | undefined {
  const [left, gradient] = [site.input(0), site.gradient()];
  if (isLeftMoved || site.input(1).dims.length !== 2 || left.dims.length === 2) return undefined;
  const tall = (value: Value) => site.graph.reshape(value, [-1, site.sizes(value).at(-1) ?? 0]);
  return [tall(left), tall(gradient)];
}

function productRule(site: GradientSite, product: Product): readonly (Value | undefined)[] {
  return [
    site.isNeeded(0) ? leftGradient(site, product) : undefined,
    site.isNeeded(1) ? rightGradient(site, product) : undefined,
  ];
}

export const contractionRules = {
  MatMul: (site) => productRule(site, PLAIN),
  FusedMatMul: (site) => {
    const { attributes } = site.node;
    const isSet = (name: string): boolean => intAttribute(attributes, name, 0) === 1;
    return productRule(site, {
      isLeftSwapped: isSet('transA'),
      isRightSwapped: isSet('transB'),
      isLeftRowsFirst: isSet('transBatchA'),
      isRightRowsFirst: isSet('transBatchB'),
      factor: floatAttribute(attributes, 'alpha', 1),
    });
  },
} satisfies Record<string, GradientRule>;
