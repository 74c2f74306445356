import { float32, intAttribute, intsAttribute, sizeOf } from '@logbert/onnx-graph';
import type { GradientRule } from '../gradient-rule';

/** The gradient in the shape of the input: what undoes any operator that only relabels dimensions. */
const reshapeBack: GradientRule = (site) => [
  site.graph.reshape(site.gradient(), site.sizes(site.input(0))),
];

export const layoutRules = {
  Reshape: reshapeBack,
  Squeeze: reshapeBack,
  Unsqueeze: reshapeBack,
  /** The rows that were not taken have a gradient of 0. */
  Slice: (site) => {
    const [rows = 0, ...row] = site.sizes(site.input(0));
    const [taken = 0] = site.sizes(site.output());
    if (taken === rows) return [site.gradient()];
    const rest = [rows - taken, ...row];
    const zeros = site.graph.constant(float32(rest, new Float32Array(sizeOf(rest))), 'not-taken');
    return [site.graph.concat([site.gradient(), zeros], 0)];
  },
  Transpose: (site) => {
    const order = intsAttribute(site.node.attributes, 'perm');
    const back = order.map((_axis, position) => order.indexOf(position));
    return [site.graph.transpose(site.gradient(), back)];
  },
  /** The parts' gradients side by side; a part that the loss does not depend on has a gradient of 0. */
  Split: (site) => {
    const parts = site.node.outputs.map((part, index) => {
      const sizes = site.sizes(part);
      const zeros = () => float32(sizes, new Float32Array(sizeOf(sizes)));
      return site.findGradient(index) ?? site.graph.constant(zeros(), 'no-gradient');
    });
    return [site.graph.concat(parts, intAttribute(site.node.attributes, 'axis', 0))];
  },
  Concat: (site) => {
    const given = intAttribute(site.node.attributes, 'axis', 0);
    const axis = given < 0 ? given + site.output().dims.length : given;
    const sizes = site.node.inputs.map((_input, i) => site.sizes(site.input(i))[axis] ?? 0);
    return site.graph.split(site.gradient(), sizes, axis);
  },
} satisfies Record<string, GradientRule>;
