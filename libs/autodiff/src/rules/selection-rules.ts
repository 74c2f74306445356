import { float32, int32, intAttribute, sizeOf, type Value } from '@logbert/onnx-graph';
import type { GradientRule, GradientSite } from '../gradient-rule';

/** Up to this many rows a product with one-hot rows is faster than adding row by row. */
const MOST_ROWS_AS_PRODUCT = 512;

function oneHot(site: GradientSite, indices: Value, depth: number): Value {
  if (depth <= MOST_ROWS_AS_PRODUCT) {
    // Rows of a unit matrix are copied; OneHot computes each element.
    const unit = new Float32Array(depth * depth);
    for (let at = 0; at < unit.length; at += depth + 1) unit[at] = 1;
    const rows = site.graph.constant(float32([depth, depth], unit), 'unit');
    return site.graph.gather(rows, indices);
  }
  // ONNX Runtime has OneHot of int32 indices with an int32 depth only.
  const depthValue = site.graph.constant(int32([1], [depth]), 'depth');
  const values = site.graph.constant(float32([2], [0, 1]), 'off-on');
  return site.graph.apply('OneHot', [indices, depthValue, values]);
}

export const selectionRules = {
  /** Each picked row's gradient is added to the row it came from; a row picked twice gets both. */
  Gather: (site) => {
    const { graph } = site;
    if (intAttribute(site.node.attributes, 'axis', 0) !== 0) site.refuse('only axis 0 is handled');
    const [rows = 0, ...row] = site.sizes(site.input(0));
    const count = sizeOf(site.sizes(site.input(1)));
    const indices = graph.reshape(site.input(1), [count]);
    if (rows <= MOST_ROWS_AS_PRODUCT) {
      const gradient = graph.reshape(site.gradient(), [count, sizeOf(row)]);
      const summed = graph.fusedMatmul(oneHot(site, indices, rows), gradient, {
        isLeftTransposed: true,
      });
      return [graph.reshape(summed, [rows, ...row]), undefined];
    }
    const zeros = float32([rows, sizeOf(row)], new Float32Array(rows * sizeOf(row)));
    const places = graph.reshape(indices, [count, 1]);
    const gradient = graph.reshape(site.gradient(), [count, sizeOf(row)]);
    const summed = graph.scatterAdd(graph.constant(zeros, 'zeros'), places, gradient);
    return [graph.reshape(summed, [rows, ...row]), undefined];
  },
  /** The gradient goes to the one element of each row that was picked. */
  GatherElements: (site) => {
    const [rows = 0, depth = 0] = site.sizes(site.input(0));
    const [, picks] = site.sizes(site.input(1));
    if (picks !== 1) site.refuse('one element a row is handled');
    const indices = site.graph.reshape(site.input(1), [rows]);
    return [site.graph.multiply(oneHot(site, indices, depth), site.gradient()), undefined];
  },
} satisfies Record<string, GradientRule>;
