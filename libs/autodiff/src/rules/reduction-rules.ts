import { float32, intAttribute, numbersOf, sizeOf, type Value } from '@logbert/onnx-graph';
import type { GradientRule, GradientSite } from '../gradient-rule';

/** The gradient of a reduction's result, shaped so that it broadcasts against the input. */
function spreadable(site: GradientSite): Value {
  const gradient = site.gradient();
  if (intAttribute(site.node.attributes, 'keepdims', 1) === 1) return gradient;
  const axes = reducedAxes(site);
  const input = site.sizes(site.input(0));
  return site.graph.reshape(
    gradient,
    input.map((dim, axis) => (axes.includes(axis) ? 1 : dim)),
  );
}

function reducedAxes(site: GradientSite): readonly number[] {
  const rank = site.input(0).dims.length;
  const axes = site.node.inputs[1];
  if (!axes) return [...site.input(0).dims.keys()];
  const constant = site.graph.constants.get(axes.name) ?? site.refuse('axes must be constant');
  return numbersOf(constant).map((axis) => (axis + rank) % rank);
}

/** Repeats a gradient over the input's shape. */
function spread(site: GradientSite, factor: number): Value {
  const sizes = site.sizes(site.input(0));
  const filled = site.graph.constant(
    float32(sizes, new Float32Array(sizeOf(sizes)).fill(factor)),
    'spread',
  );
  return site.graph.multiply(spreadable(site), filled);
}

/** Whether a value is a constant of nothing but ones. */
function isOnes(site: GradientSite, value: Value): boolean {
  const constant = site.graph.constants.get(value.name);
  return constant !== undefined && numbersOf(constant).every((element) => element === 1);
}

export const reductionRules = {
  ReduceSum: (site) => [spread(site, 1)],
  ReduceMean: (site) => {
    const input = site.sizes(site.input(0));
    const count = sizeOf(reducedAxes(site).map((axis) => input[axis] ?? 1));
    return [spread(site, 1 / count)];
  },
  /** d Σx² = 2·x·dΣ */
  ReduceSumSquare: (site) => {
    const twice = site.graph.multiply(spreadable(site), site.graph.scalar(2));
    return [site.graph.multiply(site.input(0), twice)];
  },
  /** y = softmax(x): dx = y·(dy − Σ dy·y) */
  Softmax: (site) => {
    const { graph } = site;
    const weighted = graph.sum(graph.multiply(site.gradient(), site.output()), [-1], true);
    return [graph.multiply(site.output(), graph.subtract(site.gradient(), weighted))];
  },
  /** y = log softmax(x): dx = dy − eʸ·Σ dy */
  LogSoftmax: (site) => {
    const { graph } = site;
    const total = graph.sum(site.gradient(), [-1], true);
    const share = graph.multiply(graph.apply('Exp', [site.output()]), total);
    return [graph.subtract(site.gradient(), share)];
  },
  /**
   * With n = (x − mean)·s, s = 1/√(variance + ε) and g = gain·dy: dx = s·(g − mean(g) − n·mean(g·n)).
   * Source: Ba, Kiros & Hinton, "Layer Normalization", 2016.
   */
  LayerNormalization: (site) => {
    const { graph } = site;
    if (site.isNeeded(1)) site.refuse('the gain is a constant here');
    const [input, gain] = [site.input(0), site.input(1)];
    const isPlain = isOnes(site, gain);
    const scaled = isPlain ? site.gradient() : graph.multiply(site.gradient(), gain);
    const normal = isPlain
      ? site.output()
      : graph.multiply(graph.subtract(input, site.output(1)), site.output(2));
    const along = graph.mean(graph.multiply(scaled, normal), [-1], true);
    const centred = graph.subtract(scaled, graph.mean(scaled, [-1], true));
    const across = graph.subtract(centred, graph.multiply(normal, along));
    return [graph.multiply(across, site.output(2))];
  },
} satisfies Record<string, GradientRule>;
