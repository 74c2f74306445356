import type { Dim } from './dims';
import type { BuiltGraph, GraphNode } from './graph';
import { encodeModel } from './model-proto';
import { NodeSite, type Operator } from './operator';
import { elementTypeNumber } from './operators/elementwise';
import { OPERATORS, type OperatorName } from './operators/operators';
import { float32, int64, numbersOf, type ElementType, type Tensor } from './tensor';
import type { Attributes, Value } from './value';

/**
 * Writes down a computation, operator by operator, and gives it as an ONNX model.
 *
 * Shapes and types are checked as each operator is added: what does not fit throws a GraphFailure that
 * names the node. Operator semantics are those of ONNX opset 21 and ONNX Runtime's `com.microsoft` 1.
 */
export class GraphBuilder implements BuiltGraph {
  readonly inputs: Value[] = [];
  readonly outputs: Value[] = [];
  readonly nodes: GraphNode[] = [];
  readonly constants = new Map<string, Tensor>();
  private readonly integers = new Map<string, readonly Dim[]>();
  private readonly names = new Map<string, number>();
  private readonly scalars = new Map<string, Value>();

  /** @throws RangeError when something else has the name: callers feed inputs by it */
  input(name: string, type: ElementType, dims: readonly Dim[]): Value {
    if (this.names.has(name)) throw new RangeError(`the name ${name} is taken`);
    const value = { name: this.uniqueName(name), type, dims };
    this.inputs.push(value);
    return value;
  }

  constant(tensor: Tensor, name = 'constant'): Value {
    const value = { name: this.uniqueName(name), type: tensor.type, dims: tensor.dims };
    this.constants.set(value.name, tensor);
    if (tensor.type === 'int64' || tensor.type === 'int32')
      this.integers.set(value.name, numbersOf(tensor));
    return value;
  }

  /** A float32 constant without dimensions; equal numbers share one. */
  scalar(value: number): Value {
    return this.shared(`${value}`, () => float32([], [value]));
  }

  /** A list of int64 constants; equal lists share one. */
  integersOf(values: readonly number[]): Value {
    return this.shared(`[${values.join()}]`, () => int64([values.length], values));
  }

  /** Makes a value, under the name it was made with, an output of the model. */
  output(value: Value): void {
    this.outputs.push(value);
  }

  /** Adds one node and returns its first output. @throws GraphFailure when the inputs do not fit */
  apply(
    operator: OperatorName,
    inputs: readonly (Value | undefined)[],
    attributes: Attributes = {},
    name: string | undefined = undefined,
  ): Value {
    const [first] = this.applyAll(operator, inputs, attributes, name);
    if (first === undefined) throw new RangeError(`${operator} has no output`);
    return first;
  }

  /** Adds one node and returns all its outputs. @throws GraphFailure when the inputs do not fit */
  applyAll(
    operator: OperatorName,
    inputs: readonly (Value | undefined)[],
    attributes: Attributes = {},
    name = operator.toLowerCase(),
  ): readonly Value[] {
    const nodeName = this.uniqueName(name);
    const definition: Operator = OPERATORS[operator];
    const site = new NodeSite(`${nodeName} (${operator})`, inputs, attributes, this.integers);
    const outputs = definition.infer(site).map(({ type, dims }, index) => ({
      name: index === 0 ? nodeName : `${nodeName}:${index}`,
      type,
      dims,
    }));
    this.nodes.push({ name: nodeName, operator, inputs, outputs, attributes });
    return outputs;
  }

  add(left: Value, right: Value, name?: string): Value {
    return this.apply('Add', [left, right], {}, name);
  }

  subtract(left: Value, right: Value, name?: string): Value {
    return this.apply('Sub', [left, right], {}, name);
  }

  multiply(left: Value, right: Value, name?: string): Value {
    return this.apply('Mul', [left, right], {}, name);
  }

  divide(left: Value, right: Value, name?: string): Value {
    return this.apply('Div', [left, right], {}, name);
  }

  matmul(left: Value, right: Value, name?: string): Value {
    return this.apply('MatMul', [left, right], {}, name);
  }

  /**
   * `factor · left · right`, either transposed in its last two dimensions. The rows of a factor that is `RowsFirst` are its
   * first dimension, before those of the batch, instead of its last but one.
   */
  fusedMatmul(
    left: Value,
    right: Value,
    options: {
      isLeftTransposed?: boolean;
      isRightTransposed?: boolean;
      isLeftRowsFirst?: boolean;
      isRightRowsFirst?: boolean;
      factor?: number;
    },
  ): Value {
    return this.apply('FusedMatMul', [left, right], {
      transA: { int: options.isLeftTransposed ? 1 : 0 },
      transB: { int: options.isRightTransposed ? 1 : 0 },
      ...(options.isLeftRowsFirst ? { transBatchA: { int: 1 } } : {}),
      ...(options.isRightRowsFirst ? { transBatchB: { int: 1 } } : {}),
      alpha: { float: options.factor ?? 1 },
    });
  }

  /** `dims` may hold 0 (keep that dimension) and one -1 (the rest); a value is that of `sizesOf`. */
  reshape(value: Value, dims: readonly number[] | Value, name?: string): Value {
    const target = 'name' in dims ? dims : this.integersOf(dims);
    return this.apply('Reshape', [value, target], {}, name);
  }

  transpose(value: Value, order: readonly number[]): Value {
    return this.apply('Transpose', [value], { perm: { ints: order } });
  }

  sum(value: Value, axes: readonly number[], isKept: boolean, name?: string): Value {
    return this.apply(
      'ReduceSum',
      [value, this.integersOf(axes)],
      {
        keepdims: { int: isKept ? 1 : 0 },
      },
      name,
    );
  }

  mean(value: Value, axes: readonly number[], isKept: boolean, name?: string): Value {
    return this.apply(
      'ReduceMean',
      [value, this.integersOf(axes)],
      {
        keepdims: { int: isKept ? 1 : 0 },
      },
      name,
    );
  }

  split(value: Value, sizes: readonly number[], axis: number): readonly Value[] {
    return this.applyAll('Split', [value, this.integersOf(sizes)], { axis: { int: axis } });
  }

  concat(values: readonly Value[], axis: number, name?: string): Value {
    return this.apply('Concat', values, { axis: { int: axis } }, name);
  }

  /** Size of one axis as an int64 tensor of one element; it may be unknown until the model runs. */
  sizeOfAxis(value: Value, axis: number): Value {
    const size = this.apply('Shape', [value], { start: { int: axis }, end: { int: axis + 1 } });
    this.integers.set(size.name, value.dims.slice(axis, axis + 1));
    return size;
  }

  /** Sizes of all axes, and further ones, as one int64 list; some may be unknown until the model runs. */
  sizesOf(value: Value, further: readonly number[]): Value {
    const sizes = this.concat([this.apply('Shape', [value]), this.integersOf(further)], 0);
    this.integers.set(sizes.name, [...value.dims, ...further]);
    return sizes;
  }

  /** The first `count` rows, `count` an int64 tensor of one element. */
  firstRows(value: Value, count: Value): Value {
    return this.apply('Slice', [value, this.integersOf([0]), count, this.integersOf([0])]);
  }

  gather(values: Value, indices: Value): Value {
    return this.apply('Gather', [values, indices], { axis: { int: 0 } });
  }

  /** A copy of a matrix with the rows of `updates` added to the rows that `places`, `[n, 1]`, names. */
  scatterAdd(into: Value, places: Value, updates: Value): Value {
    const spread = this.apply('Expand', [places, this.integersOf(updates.dims.map(Number))]);
    const attributes = { axis: { int: 0 }, reduction: { text: 'add' } };
    return this.apply('ScatterElements', [into, spread, updates], attributes);
  }

  cast(value: Value, type: ElementType, name?: string): Value {
    return this.apply('Cast', [value], { to: { int: elementTypeNumber(type) } }, name);
  }

  /** The model's bytes; `metadata` goes into its `metadata_props`. */
  build(metadata: Readonly<Record<string, string>> = {}): Uint8Array {
    return encodeModel(this, metadata);
  }

  private shared(key: string, make: () => Tensor): Value {
    const known = this.scalars.get(key);
    if (known) return known;
    const value = this.constant(make());
    this.scalars.set(key, value);
    return value;
  }

  private uniqueName(name: string): string {
    const count = this.names.get(name) ?? 0;
    this.names.set(name, count + 1);
    return count === 0 ? name : `${name}.${count}`;
  }
}
