import type { OperatorName } from './operators/operators';
import type { Tensor } from './tensor';
import type { Attributes, Value } from './value';

/** One application of an operator; an optional input that is left out is undefined. */
export interface GraphNode {
  readonly name: string;
  readonly operator: OperatorName;
  readonly inputs: readonly (Value | undefined)[];
  readonly outputs: readonly Value[];
  readonly attributes: Attributes;
}

/** A computation as it was written down. */
export interface BuiltGraph {
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly nodes: readonly GraphNode[];
  readonly constants: ReadonlyMap<string, Tensor>;
}
