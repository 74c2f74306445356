import { floatAttribute, intAttribute, type Value } from '@logbert/onnx-graph';
import { sumToShape, type GradientRule, type GradientSite } from '../gradient-rule';

interface Product {
  /** Whether A, and whether B, is used with its last two dimensions swapped. */
  readonly isLeftSwapped: boolean;
  readonly isRightSwapped: boolean;
  readonly factor: number;
}

/** C = α·A·B: dA = α·dC·Bᵀ, and its transpose α·B·dCᵀ where A was used transposed. */
function leftGradient(
  site: GradientSite,
  { isLeftSwapped, isRightSwapped, factor }: Product,
): Value {
  const [gradient, right] = [site.gradient(), site.input(1)];
  const product = isLeftSwapped
    ? site.graph.fusedMatmul(right, gradient, {
        isLeftTransposed: isRightSwapped,
        isRightTransposed: true,
        factor,
      })
    : site.graph.fusedMatmul(gradient, right, { isRightTransposed: !isRightSwapped, factor });
  return sumToShape(site.graph, product, site.input(0).dims);
}

/** C = α·A·B: dB = α·Aᵀ·dC, and its transpose α·dCᵀ·A where B was used transposed. */
function rightGradient(
  site: GradientSite,
  { isLeftSwapped, isRightSwapped, factor }: Product,
): Value {
  const [left, gradient] = sharedFactor(site, isLeftSwapped) ?? [site.input(0), site.gradient()];
  const product = isRightSwapped
    ? site.graph.fusedMatmul(gradient, left, {
        isLeftTransposed: true,
        isRightTransposed: isLeftSwapped,
        factor,
      })
    : site.graph.fusedMatmul(left, gradient, { isLeftTransposed: !isLeftSwapped, factor });
  return sumToShape(site.graph, product, site.input(1).dims);
}

/** When one matrix B multiplies a whole batch, the batch is one tall matrix: one product, nothing to sum. */
function sharedFactor(site: GradientSite, isLeftSwapped: boolean): [Value, Value] | undefined {
  const [left, gradient] = [site.input(0), site.gradient()];
  if (isLeftSwapped || site.input(1).dims.length !== 2 || left.dims.length === 2) return undefined;
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
  MatMul: (site) => productRule(site, { isLeftSwapped: false, isRightSwapped: false, factor: 1 }),
  FusedMatMul: (site) => {
    const { attributes } = site.node;
    const isRowsFirst = ['transBatchA', 'transBatchB'].some((name) => name in attributes);
    if (isRowsFirst)
      return site.refuse('a factor whose rows come before its batch has no gradient');
    return productRule(site, {
      isLeftSwapped: intAttribute(attributes, 'transA', 0) === 1,
      isRightSwapped: intAttribute(attributes, 'transB', 0) === 1,
      factor: floatAttribute(attributes, 'alpha', 1),
    });
  },
} satisfies Record<string, GradientRule>;
