import { sumToShape, type GradientRule, type GradientSite } from '../gradient-rule';
import type { Value } from '@logbert/onnx-graph';

/** One gradient an input, made only where needed and summed back to the input's own shape. */
function broadcastRule(...makers: readonly ((site: GradientSite) => Value)[]): GradientRule {
  return (site) =>
    makers.map((make, index) =>
      site.isNeeded(index) ? sumToShape(site.graph, make(site), site.input(index).dims) : undefined,
    );
}

export const elementwiseRules = {
  /** d(a + b) = da + db */
  Add: broadcastRule(
    (site) => site.gradient(),
    (site) => site.gradient(),
  ),
  /** d(a − b) = da − db */
  Sub: broadcastRule(
    (site) => site.gradient(),
    (site) => site.graph.apply('Neg', [site.gradient()]),
  ),
  /** d(a·b) = b·da + a·db */
  Mul: broadcastRule(
    (site) => site.graph.multiply(site.gradient(), site.input(1)),
    (site) => site.graph.multiply(site.gradient(), site.input(0)),
  ),
  /** d(a/b) = da/b − (a/b)·db/b */
  Div: broadcastRule(
    (site) => site.graph.divide(site.gradient(), site.input(1)),
    (site) => {
      const share = site.graph.multiply(site.gradient(), site.output());
      return site.graph.apply('Neg', [site.graph.divide(share, site.input(1))]);
    },
  ),
  Neg: broadcastRule((site) => site.graph.apply('Neg', [site.gradient()])),
  /** d eᵃ = eᵃ·da */
  Exp: broadcastRule((site) => site.graph.multiply(site.gradient(), site.output())),
  /** d √a = da / (2·√a); infinite at 0 */
  Sqrt: broadcastRule((site) => {
    const half = site.graph.multiply(site.gradient(), site.graph.scalar(0.5));
    return site.graph.divide(half, site.output());
  }),
  /** d max(a, 0) = da where the output is positive; 0 at a = 0. */
  Relu: broadcastRule((site) => {
    const isPositive = site.graph.apply('Greater', [site.output(), site.graph.scalar(0)]);
    // ONNX Runtime's Where takes longer than both of these.
    return site.graph.multiply(site.gradient(), site.graph.cast(isPositive, 'float32'));
  }),
} satisfies Record<string, GradientRule>;
