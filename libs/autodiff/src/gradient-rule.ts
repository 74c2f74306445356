import {
  float32,
  sizeOf,
  type Dim,
  type GraphBuilder,
  type GraphNode,
  type Value,
} from '@logbert/onnx-graph';
import { GradientFailure } from './gradient-failure';

/** A node whose outputs' gradients are known. */
export class GradientSite {
  constructor(
    readonly graph: GraphBuilder,
    readonly node: GraphNode,
    private readonly gradients: readonly (Value | undefined)[],
    private readonly needed: ReadonlySet<Value>,
  ) {}

  input(index: number): Value {
    return this.node.inputs[index] ?? this.refuse(`input ${index} is missing`);
  }

  output(index = 0): Value {
    return this.node.outputs[index] ?? this.refuse(`output ${index} is missing`);
  }

  /** Gradient of the loss by the output; a rule for one output is only called when it has one. */
  gradient(index = 0): Value {
    return this.gradients[index] ?? this.refuse(`output ${index} has no gradient`);
  }

  /** As `gradient`, undefined where the loss does not depend on the output. */
  findGradient(index: number): Value | undefined {
    return this.gradients[index];
  }

  /** Whether somebody wants the gradient by this input. */
  isNeeded(index: number): boolean {
    const input = this.node.inputs[index];
    return input !== undefined && this.needed.has(input);
  }

  /** The dimensions of a value, which must be known before the model runs. */
  sizes(value: Value): readonly number[] {
    return value.dims.map((dim) =>
      typeof dim === 'number' ? dim : this.refuse(`the size of ${value.name} must be known`),
    );
  }

  refuse(reason: string): never {
    throw new GradientFailure(this.node.name, this.node.operator, reason);
  }
}

/**
 * How the gradient of a scalar loss passes backwards through one operator: emits the nodes that compute it
 * and returns one value an input, undefined where none is needed.
 */
export type GradientRule = (site: GradientSite) => readonly (Value | undefined)[];

/** Undoes broadcasting: sums the gradient over the axes along which a value of shape `dims` was repeated. */
export function sumToShape(graph: GraphBuilder, gradient: Value, dims: readonly Dim[]): Value {
  const missing = gradient.dims.length - dims.length;
  const summed = missing > 0 ? sumRows(graph, gradient, dims) : gradient;
  const repeated = [...dims.keys()].filter((axis) => dims[axis] === 1 && summed.dims[axis] !== 1);
  return repeated.length > 0 ? graph.sum(summed, repeated, true) : summed;
}

/**
 * Sums over the leading axes. As a product with a row of ones: ONNX Runtime computes that ten times faster
 * than ReduceSum over the rows of a tall matrix.
 */
function sumRows(graph: GraphBuilder, gradient: Value, dims: readonly Dim[]): Value {
  const sizes = gradient.dims.map(Number);
  const rows = sizeOf(sizes.slice(0, sizes.length - dims.length));
  const kept = sizes.slice(sizes.length - dims.length);
  if (!sizes.every(Number.isInteger) || kept.length === 0) {
    return graph.sum(gradient, [...sizes.keys()].slice(0, sizes.length - dims.length), false);
  }
  const ones = graph.constant(float32([1, rows], new Float32Array(rows).fill(1)), 'ones');
  return graph.reshape(graph.matmul(ones, graph.reshape(gradient, [rows, -1])), kept);
}
