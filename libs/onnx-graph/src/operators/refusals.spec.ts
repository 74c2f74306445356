import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../graph-builder';
import { GraphFailure } from '../graph-failure';
import { float32, int32, int64 } from '../tensor';
import type { Attributes, Value } from '../value';
import { OPERATORS, type OperatorName } from './operators';

/** Inputs that do not fit: given a graph and an input of dims, what the operator is applied to. */
interface Refusal {
  readonly inputs: (graph: GraphBuilder, input: Input) => readonly (Value | undefined)[];
  readonly attributes?: Attributes;
  /** All that is known of the misfit: with more than one tensor in play, the shape of each. */
  readonly says: string;
}
type Input = (dims: readonly (number | string)[], type?: Value['type']) => Value;

const last: Attributes = { axis: { int: -1 } };
const both = (says: string): Refusal => ({ inputs: (_g, a) => [a([2, 3]), a([2, 4])], says });
const binary = (isArithmetic = true): readonly Refusal[] => [
  both('cannot broadcast [2, 3] with [2, 4]'),
  {
    inputs: (_g, a) => [a([2]), a([3, 2], 'int32')],
    says: 'cannot combine float32 [2] with int32 [3, 2]',
  },
  ...(isArithmetic
    ? [
        {
          inputs: (_g: GraphBuilder, a: Input) => [a([2], 'bool'), a([2], 'bool')],
          says: 'input 0 must be float32 or int32 or int64, not bool [2]',
        },
      ]
    : []),
];
const unary: readonly Refusal[] = [
  { inputs: (_g, a) => [a([2, 3], 'int64')], says: 'input 0 must be float32, not int64 [2, 3]' },
];
const product: readonly Refusal[] = [
  both('cannot multiply [2, 3] by [2, 4]'),
  { inputs: (_g, a) => [a([3]), a([3, 4])], says: 'cannot multiply [3] by [3, 4]' },
  {
    inputs: (_g, a) => [a([2, 4, 3]), a([5, 3, 4])],
    says: 'cannot broadcast the batches of [2, 4, 3] by [5, 3, 4]',
  },
  {
    inputs: (_g, a) => [a([2, 3]), a([3, 4], 'int32')],
    says: 'input 1 must be float32, not int32 [3, 4]',
  },
];
const reduced: readonly Refusal[] = [
  { inputs: (g, a) => [a([2, 3]), g.integersOf([2])], says: 'axis 2 of [2, 3]' },
  ...unary,
];
const rowwise: readonly Refusal[] = [
  {
    inputs: (_g, a) => [a([2, 3])],
    attributes: { axis: { int: 0 } },
    says: 'axis 0 of [2, 3]: only the last one is handled',
  },
  ...unary,
];
const indices = (says: string): Refusal => ({
  inputs: (_g, a) => [a([2, 3]), a([4])],
  says,
});

const refusals: Readonly<Record<OperatorName, readonly Refusal[]>> = {
  Add: binary(),
  Sub: binary(),
  Mul: binary(),
  Div: binary(),
  Min: binary(),
  Equal: binary(false),
  Greater: binary(),
  Relu: unary,
  Sqrt: unary,
  Neg: unary,
  Exp: unary,
  Where: [
    {
      inputs: (_g, a) => [a([2]), a([2]), a([2])],
      says: 'input 0 must be bool, not float32 [2]',
    },
    {
      inputs: (_g, a) => [a([2], 'bool'), a([3]), a([3])],
      says: 'cannot broadcast [2] with [3]',
    },
    {
      inputs: (_g, a) => [a([2], 'bool'), a([2]), a([2], 'int32')],
      says: 'cannot combine float32 [2] with int32 [2]',
    },
  ],
  Cast: [
    {
      inputs: (_g, a) => [a([2])],
      attributes: { to: { int: 99 } },
      says: 'unknown element type 99',
    },
  ],
  MatMul: product,
  FusedMatMul: [
    ...product,
    {
      inputs: (_g, a) => [a([2, 3]), a([3, 4])],
      attributes: { transB: { int: 1 } },
      says: 'cannot multiply [2, 3] by [3, 4]',
    },
  ],
  DynamicQuantizeMatMul: [
    {
      inputs: (_g, a) => [a([2, 3]), a([3, 4]), a([4])],
      says: 'input 1 must be int8, not float32 [3, 4]',
    },
    {
      inputs: (_g, a) => [a([2, 3]), a([3, 4], 'int8'), a([3])],
      says: 'input 2 [3] does not fit columns of [2, 4]',
    },
    {
      inputs: (_g, a) => [a([2, 3]), a([3, 4], 'int8'), a([4]), undefined, a([1])],
      says: 'input 4 [1] does not fit columns of [2, 4]',
    },
  ],
  ReduceSum: reduced,
  ReduceMean: reduced,
  ReduceSumSquare: reduced,
  Softmax: rowwise,
  LogSoftmax: rowwise,
  LayerNormalization: [
    { inputs: (_g, a) => [a([2, 3]), a([2])], says: 'gain [2] does not fit [2, 3]' },
    {
      inputs: (_g, a) => [a([2, 3]), a([3], 'int32')],
      says: 'input 1 must be float32, not int32 [3]',
    },
  ],
  TopK: [
    {
      inputs: (_g, a) => [a([2, 3]), a([2], 'int64')],
      says: 'count [2] must be one number for [2, 3]',
    },
    { inputs: (_g, a) => [a([2, 3]), a([1])], says: 'input 1 must be int64, not float32 [1]' },
  ],
  Reshape: [
    {
      inputs: (g, a) => [a([2, 3]), g.integersOf([4, -1])],
      says: 'cannot reshape [2, 3] to [4, -1]',
    },
    {
      inputs: (g, a) => [a([2, 3]), g.constant(int32([1], [6]))],
      says: 'input 1 must be int64, not int32 [1]',
    },
  ],
  Expand: [
    {
      inputs: (g, a) => [a([2, 3]), g.integersOf([4, 3])],
      says: 'cannot expand [2, 3] to [4, 3]',
    },
  ],
  Shape: [
    {
      inputs: (_g, a) => [a([2, 3])],
      attributes: { start: { int: 1 }, end: { int: 3 } },
      says: 'axes 1 to before 3 of [2, 3]',
    },
  ],
  Slice: [
    {
      inputs: (g, a) => [a([2, 3]), ...[[0], [3], [0]].map((one) => g.integersOf(one))],
      says: '3 rows of [2, 3]',
    },
    {
      inputs: (g, a) => [a([2, 3]), ...[[1], [2], [0]].map((one) => g.integersOf(one))],
      says: 'only the first rows of [2, 3] can be taken',
    },
  ],
  Transpose: [
    {
      inputs: (_g, a) => [a([2, 3])],
      attributes: { perm: { ints: [0] } },
      says: '[0] is no order of [2, 3]',
    },
  ],
  Split: [
    {
      inputs: (g, a) => [a([2, 3]), g.integersOf([2, 2])],
      attributes: last,
      says: '[2,2] does not divide axis 1 of [2, 3]',
    },
    {
      inputs: (g, a) => [a([2, 3]), g.integersOf([4, -1])],
      attributes: last,
      says: '[4,-1] does not divide axis 1 of [2, 3]',
    },
  ],
  Concat: [
    {
      inputs: (_g, a) => [a([2, 3]), a([3, 3])],
      attributes: last,
      says: 'cannot join [2, 3] and [3, 3] on 1',
    },
    {
      inputs: (_g, a) => [a([2, 3]), a([2])],
      attributes: last,
      says: 'cannot join [2, 3] and [2] on 1',
    },
    {
      inputs: (_g, a) => [a([2]), a([2], 'int32')],
      says: 'cannot join float32 [2] and int32 [2]',
    },
  ],
  Squeeze: [
    {
      inputs: (g, a) => [a([2, 1]), g.integersOf([0])],
      says: 'axes [0] of [2, 1] are not all 1',
    },
  ],
  Unsqueeze: [{ inputs: (g, a) => [a([2]), g.integersOf([2])], says: 'no room for axis 2 in [2]' }],
  Gather: [
    indices('input 1 must be int32 or int64, not float32 [4]'),
    {
      inputs: (_g, a) => [a([2, 3]), a([4], 'int32')],
      attributes: { axis: { int: 2 } },
      says: 'axis 2 of [2, 3]',
    },
  ],
  GatherElements: [
    indices('input 1 must be int32 or int64, not float32 [4]'),
    {
      inputs: (_g, a) => [a([2, 3]), a([4, 1], 'int32')],
      attributes: { axis: { int: 1 } },
      says: 'cannot pick [4, 1] from rows of [2, 3]',
    },
  ],
  ScatterElements: [
    {
      inputs: (_g, a) => [a([4, 3]), a([2, 3], 'int32'), a([1, 3])],
      says: 'cannot add [1, 3] at [2, 3] to [4, 3]',
    },
    {
      inputs: (_g, a) => [a([4, 3]), a([2, 2], 'int32'), a([2, 2])],
      says: 'cannot add [2, 2] at [2, 2] to [4, 3]',
    },
  ],
  OneHot: [
    {
      inputs: (g, a) => [a([2]), g.constant(int64([1], [3])), a([2])],
      says: 'input 0 must be int32 or int64, not float32 [2]',
    },
    {
      inputs: (g, a) => [a([2], 'int32'), g.constant(int32([1], [3])), a([3])],
      says: 'float32 [3] is no pair of off and on for [2]',
    },
    {
      inputs: (_g, a) => [a([2], 'int32'), a([1], 'int32'), a([2])],
      says: 'input 1 must be a constant',
    },
  ],
};

const cases = Object.entries(refusals).flatMap(([operator, ofOperator]) =>
  ofOperator.map((refusal) => ({ operator: operator as OperatorName, ...refusal })),
);

describe('operators', () => {
  it.each(cases)('$operator refuses when the graph is built: $says', (refusal) => {
    const graph = new GraphBuilder();
    const input: Input = (dims, type = 'float32') =>
      graph.input(`input${graph.inputs.length}`, type, dims);
    const { operator, says } = refusal;
    const inputs = refusal.inputs(graph, input);
    const build = () => graph.apply(operator, inputs, refusal.attributes, 'block.node');
    expect(build).toThrow(GraphFailure);
    expect(graph.nodes).toEqual([]);
    const again = () => graph.apply(operator, inputs, refusal.attributes, 'other');
    expect(again).toThrow(`other (${operator}): ${says}`);
  });

  it.each(Object.keys(OPERATORS) as OperatorName[])(
    '%s names itself when it has no input',
    (name) => {
      const graph = new GraphBuilder();
      expect(() => graph.apply(name, [], {}, 'block.node')).toThrow(
        `block.node (${name}): input 0 is missing`,
      );
    },
  );

  it('accept what they are used for', () => {
    const graph = new GraphBuilder();
    const rows = graph.input('rows', 'float32', ['batch', 4]);
    const scale = graph.constant(float32([], [0.1]));
    const weights = graph.input('weights', 'int8', [4, 2]);
    const quantised = graph.apply('DynamicQuantizeMatMul', [rows, weights, scale]);
    expect(quantised.dims).toEqual(['batch', 2]);
  });
});
