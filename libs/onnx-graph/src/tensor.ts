/** Element types that the operators of this room handle. */
export type ElementType = 'float32' | 'int32' | 'int64' | 'int8' | 'uint8' | 'bool';

/** A dense tensor in row-major order; `data.length` is the product of `dims`. */
export interface Tensor {
  readonly type: ElementType;
  readonly dims: readonly number[];
  readonly data: Float32Array | Int32Array | BigInt64Array | Int8Array | Uint8Array;
}

/** A model that is ready to run. */
export interface Graph {
  /**
   * Computes the outputs for the given inputs.
   *
   * @param feeds every input of the model by name
   * @param fetches pre-allocated outputs by name, written in place; left out, all outputs are allocated
   * @returns the outputs by name; those of `fetches` share its memory
   */
  run(
    feeds: Readonly<Record<string, Tensor>>,
    fetches?: Readonly<Record<string, Tensor>>,
  ): Promise<Readonly<Record<string, Tensor>>>;
  close(): Promise<void>;
}

/** Makes a model ready to run; `threads` bounds the threads of one operator, default: one a core. */
export type OpenGraph = (
  model: Uint8Array,
  options?: { readonly threads?: number },
) => Promise<Graph>;

/** A float32 tensor; a typed array is used as it is, not copied. */
export function float32(dims: readonly number[], data: Float32Array | readonly number[]): Tensor {
  return sized({
    type: 'float32',
    dims,
    data: data instanceof Float32Array ? data : Float32Array.from(data),
  });
}

/** An int32 tensor; a typed array is used as it is, not copied. */
export function int32(dims: readonly number[], data: Int32Array | readonly number[]): Tensor {
  return sized({
    type: 'int32',
    dims,
    data: data instanceof Int32Array ? data : Int32Array.from(data),
  });
}

/** An int64 tensor of numbers that are exact as doubles. */
export function int64(dims: readonly number[], data: readonly number[]): Tensor {
  return sized({ type: 'int64', dims, data: BigInt64Array.from(data, BigInt) });
}

/** The elements as ordinary numbers. */
export function numbersOf({ data }: Tensor): number[] {
  return data instanceof BigInt64Array ? Array.from(data, Number) : Array.from(data);
}

/** Product of the dimensions: 1 for a scalar. */
export function sizeOf(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}

function sized(tensor: Tensor): Tensor {
  if (tensor.data.length !== sizeOf(tensor.dims)) {
    throw new RangeError(
      `[${tensor.dims.join(', ')}] does not hold ${tensor.data.length} elements`,
    );
  }
  return tensor;
}
