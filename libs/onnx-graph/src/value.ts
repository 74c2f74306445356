import type { Dim } from './dims';
import type { ElementType } from './tensor';

/** What is known of a tensor before the model runs. */
export interface TensorShape {
  readonly type: ElementType;
  readonly dims: readonly Dim[];
}

/** An edge of the graph: an input, a constant, or an output of a node. */
export interface Value extends TensorShape {
  readonly name: string;
}

export type Attribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly ints: readonly number[] }
  | { readonly text: string };

export type Attributes = Readonly<Record<string, Attribute>>;
