export { describeDims, type Dim } from './dims';
export { evaluateGraph } from './evaluate-graph';
export type { BuiltGraph, GraphNode } from './graph';
export { GraphBuilder } from './graph-builder';
export { GraphFailure } from './graph-failure';
export { readConstantDims, readMetadata } from './model-proto';
export type { DoubleTensor } from './operator';
export { floatAttribute, intAttribute, intsAttribute } from './operator';
export type { OperatorName } from './operators/operators';
export {
  float32,
  int32,
  int64,
  numbersOf,
  sizeOf,
  type ElementType,
  type Graph,
  type OpenGraph,
  type Tensor,
} from './tensor';
export type { Attribute, Attributes, TensorShape, Value } from './value';
