import { axisOf, describeDims, type Dim } from './dims';
import { GraphFailure } from './graph-failure';
import type { ElementType } from './tensor';
import type { Attributes, TensorShape, Value } from './value';

/** A tensor of the reference evaluation: every element type as doubles, row-major. */
export interface DoubleTensor {
  readonly dims: readonly number[];
  readonly data: Float64Array;
}

/** A node about to be made: what its operator may look at to tell the shapes of its outputs. */
export class NodeSite {
  constructor(
    readonly node: string,
    readonly inputs: readonly (Value | undefined)[],
    readonly attributes: Attributes,
    private readonly integers: ReadonlyMap<string, readonly Dim[]>,
  ) {}

  input(index: number): Value {
    return this.inputs[index] ?? this.refuse(`input ${index} is missing`);
  }

  /** An input whose elements must be of one of these types. */
  typed(index: number, ...types: readonly ElementType[]): Value {
    const input = this.input(index);
    if (types.includes(input.type)) return input;
    return this.refuse(`input ${index} must be ${types.join(' or ')}, not ${describeShape(input)}`);
  }

  /** Elements of an input that must be a constant tensor of integers, int64 unless said otherwise. */
  constant(index: number, type: ElementType = 'int64'): readonly number[] {
    return this.dims(index, type).map((dim) =>
      typeof dim === 'number' ? dim : this.refuse(`input ${index} must be a constant`),
    );
  }

  /** As `constant`, where sizes that are known only when the model runs are allowed too. */
  dims(index: number, type: ElementType = 'int64'): readonly Dim[] {
    const { name } = this.typed(index, type);
    return this.integers.get(name) ?? this.refuse(`input ${index} must be a constant`);
  }

  int(name: string, otherwise: number): number {
    return intAttribute(this.attributes, name, otherwise);
  }

  ints(name: string): readonly number[] {
    return intsAttribute(this.attributes, name);
  }

  axis(axis: number, of: TensorShape): number {
    return axisOf(axis, of.dims.length) ?? this.refuse(`axis ${axis} of ${describeDims(of.dims)}`);
  }

  refuse(reason: string): never {
    throw new GraphFailure(this.node, reason);
  }
}

/** A type and dimensions, as failures name them: `float32 [2, 3]`. */
export function describeShape({ type, dims }: TensorShape): string {
  return `${type} ${describeDims(dims)}`;
}

/** An operator: how the shapes of its outputs follow, and what it computes, in double precision. */
export interface Operator {
  /** Empty for the operators of the ONNX standard. */
  readonly domain?: string;
  /** @throws GraphFailure when the inputs do not fit */
  infer(site: NodeSite): readonly TensorShape[];
  /**
   * Slow and simple: the meaning of the operator, against which runtimes and gradients are tested. An
   * optional input that was left out is a scalar 0.
   */
  evaluate(inputs: readonly DoubleTensor[], attributes: Attributes): readonly DoubleTensor[];
}

export function intAttribute(attributes: Attributes, name: string, otherwise: number): number {
  const attribute = attributes[name];
  return attribute && 'int' in attribute ? attribute.int : otherwise;
}

export function floatAttribute(attributes: Attributes, name: string, otherwise: number): number {
  const attribute = attributes[name];
  return attribute && 'float' in attribute ? attribute.float : otherwise;
}

export function intsAttribute(attributes: Attributes, name: string): readonly number[] {
  const attribute = attributes[name];
  return attribute && 'ints' in attribute ? attribute.ints : [];
}
