import type { GraphBuilder, GraphNode, OperatorName, Value } from '@logbert/onnx-graph';
import { float32 } from '@logbert/onnx-graph';
import { GradientFailure } from './gradient-failure';
import { GradientSite, type GradientRule } from './gradient-rule';
import { contractionRules } from './rules/contraction-rules';
import { elementwiseRules } from './rules/elementwise-rules';
import { layoutRules } from './rules/layout-rules';
import { reductionRules } from './rules/reduction-rules';
import { selectionRules } from './rules/selection-rules';

/** One rule an operator; an operator without one stops gradients with a failure. */
export const GRADIENT_RULES: Readonly<Partial<Record<OperatorName, GradientRule>>> = {
  ...elementwiseRules,
  ...contractionRules,
  ...reductionRules,
  ...layoutRules,
  ...selectionRules,
};

/**
 * Adds to a graph the nodes that compute the gradient of a loss: reverse-mode differentiation.
 *
 * Source: Griewank & Walther, "Evaluating Derivatives", 2nd ed., 2008, chapter 3.
 *
 * @param graph the graph that computes `loss`; every size on the way must be known
 * @param loss a value of one element
 * @param targets the values to differentiate by
 * @returns one value a target, of the target's shape
 * @throws GradientFailure when the loss does not depend on a target, or a node on the way has no gradient
 */
export function differentiate(
  graph: GraphBuilder,
  loss: Value,
  targets: readonly Value[],
): readonly Value[] {
  const forward = [...graph.nodes];
  const dependent = dependentOn(forward, targets);
  const gradients = new Map<Value, Value>([
    [loss, graph.constant(float32(loss.dims.map(Number), [1]), 'one')],
  ]);

  for (const node of forward.reverse()) {
    if (!node.inputs.some((input) => input && dependent.has(input))) continue;
    const ofOutputs = node.outputs.map((output) => gradients.get(output));
    if (ofOutputs.every((gradient) => gradient === undefined)) continue;
    const rule = GRADIENT_RULES[node.operator];
    if (!rule)
      throw new GradientFailure(node.name, node.operator, 'the operator has no gradient rule');
    const ofInputs = rule(new GradientSite(graph, node, ofOutputs, dependent));
    for (const [index, input] of node.inputs.entries()) {
      const gradient = ofInputs[index];
      if (!input || !gradient || !dependent.has(input)) continue;
      const earlier = gradients.get(input);
      gradients.set(input, earlier ? graph.add(earlier, gradient) : gradient);
    }
  }
  return targets.map((target) => {
    const gradient = gradients.get(target);
    if (!gradient)
      throw new GradientFailure(target.name, 'input', 'the loss does not depend on it');
    return gradient;
  });
}

/** The values that change when a target does, the targets included. */
function dependentOn(nodes: readonly GraphNode[], targets: readonly Value[]): ReadonlySet<Value> {
  const dependent = new Set(targets);
  for (const { inputs, outputs } of nodes) {
    if (inputs.some((input) => input && dependent.has(input))) {
      for (const output of outputs) dependent.add(output);
    }
  }
  return dependent;
}
