import {
  evaluateGraph,
  float32,
  GraphBuilder,
  int32,
  type DoubleTensor,
  type Value,
} from '@logbert/onnx-graph';
import { describe, expect, it } from 'vitest';
import { differentiate, GRADIENT_RULES } from './differentiate';
import { GradientFailure } from './gradient-failure';

/** Inputs of a case: name and dims; values are drawn from [low, high). */
interface Case {
  readonly operator: keyof typeof GRADIENT_RULES;
  readonly what: string;
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  readonly range?: readonly [number, number];
  build(graph: GraphBuilder, inputs: Readonly<Record<string, Value>>): Value;
}

const by = (inputs: Readonly<Record<string, Value>>, name: string): Value => {
  const value = inputs[name];
  if (!value) throw new RangeError(name);
  return value;
};

const elementwise = (
  operator: 'Add' | 'Sub' | 'Mul' | 'Div',
  left: number[],
  right: number[],
): Case => ({
  operator,
  what: `[${left}] with [${right}]`,
  inputs: { a: left, b: right },
  range: [0.5, 2],
  build: (graph, inputs) => graph.apply(operator, [by(inputs, 'a'), by(inputs, 'b')]),
});

const unary = (
  operator: 'Neg' | 'Exp' | 'Sqrt' | 'Relu',
  range: readonly [number, number] = [0.5, 2],
): Case => ({
  operator,
  what: `on [${range}]`,
  inputs: { a: [3, 4] },
  range,
  build: (graph, inputs) => graph.apply(operator, [by(inputs, 'a')]),
});

const product = (left: number[], right: number[], isLeft: boolean, isRight: boolean): Case => ({
  operator: 'FusedMatMul',
  what: `[${left}]${isLeft ? 'ᵀ' : ''} by [${right}]${isRight ? 'ᵀ' : ''}`,
  inputs: { a: left, b: right },
  build: (graph, inputs) =>
    graph.fusedMatmul(by(inputs, 'a'), by(inputs, 'b'), {
      isLeftTransposed: isLeft,
      isRightTransposed: isRight,
      factor: 0.7,
    }),
});

/** Of factors of which at least one has its rows before a batch of two dimensions. */
const rowsFirstProduct = (
  left: number[],
  right: number[],
  options: Parameters<GraphBuilder['fusedMatmul']>[2],
): Case => ({
  operator: 'FusedMatMul',
  what: `[${left}] by [${right}], ${Object.keys(options).join(', ')}`,
  inputs: { a: left, b: right },
  build: (graph, inputs) => graph.fusedMatmul(by(inputs, 'a'), by(inputs, 'b'), options),
});

const reduction = (
  operator: 'ReduceSum' | 'ReduceMean' | 'ReduceSumSquare',
  axes: number[] | undefined,
  keepdims: number,
): Case => ({
  operator,
  what: `over [${axes ?? 'all'}], keepdims ${keepdims}`,
  inputs: { a: [2, 3, 4] },
  build: (graph, inputs) =>
    graph.apply(operator, [by(inputs, 'a'), ...(axes ? [graph.integersOf(axes)] : [])], {
      keepdims: { int: keepdims },
    }),
});

const rowwise = (operator: 'Softmax' | 'LogSoftmax'): Case => ({
  operator,
  what: 'over the last axis',
  inputs: { a: [2, 3, 4] },
  build: (graph, inputs) => graph.apply(operator, [by(inputs, 'a')], { axis: { int: -1 } }),
});

const normalisation = (gain: readonly number[]): Case => ({
  operator: 'LayerNormalization',
  what: `with gain [${gain}]`,
  inputs: { a: [2, 3, 4] },
  build: (graph, inputs) =>
    graph.apply('LayerNormalization', [by(inputs, 'a'), graph.constant(float32([4], [...gain]))], {
      axis: { int: -1 },
      epsilon: { float: 1e-5 },
    }),
});

const gather = (rows: number): Case => ({
  operator: 'Gather',
  what: `from ${rows} rows, one of them twice`,
  inputs: { a: [rows, 3] },
  build: (graph, inputs) =>
    graph.gather(by(inputs, 'a'), graph.constant(int32([2, 2], [1, 0, rows - 1, 1]))),
});

const cases: readonly Case[] = [
  elementwise('Add', [2, 3], [2, 3]),
  elementwise('Add', [2, 3, 4], [4]),
  elementwise('Add', [4], [2, 3, 4]),
  elementwise('Sub', [2, 3], [2, 1]),
  elementwise('Sub', [1, 3], [2, 3]),
  elementwise('Mul', [2, 3], [2, 3]),
  elementwise('Mul', [2, 3, 4], [3, 1]),
  elementwise('Mul', [2, 3], []),
  elementwise('Div', [2, 3], [2, 3]),
  elementwise('Div', [2, 3], [3]),
  unary('Neg', [-1, 1]),
  unary('Exp', [-1, 1]),
  unary('Sqrt'),
  unary('Relu', [-1, 1]),
  {
    operator: 'MatMul',
    what: 'of two matrices',
    inputs: { a: [2, 3], b: [3, 4] },
    build: (graph, inputs) => graph.matmul(by(inputs, 'a'), by(inputs, 'b')),
  },
  {
    operator: 'MatMul',
    what: 'of a batch and one matrix',
    inputs: { a: [2, 5, 3], b: [3, 4] },
    build: (graph, inputs) => graph.matmul(by(inputs, 'a'), by(inputs, 'b')),
  },
  {
    operator: 'MatMul',
    what: 'of one matrix and a batch',
    inputs: { a: [5, 3], b: [2, 3, 4] },
    build: (graph, inputs) => graph.matmul(by(inputs, 'a'), by(inputs, 'b')),
  },
  product([2, 3, 4], [2, 4, 5], false, false),
  product([2, 4, 3], [2, 4, 5], true, false),
  product([2, 3, 4], [2, 5, 4], false, true),
  product([2, 4, 3], [2, 5, 4], true, true),
  product([2, 3, 4], [5, 4], false, true),
  rowsFirstProduct([5, 2, 3, 4], [6, 2, 3, 4], {
    isLeftRowsFirst: true,
    isRightRowsFirst: true,
    isRightTransposed: true,
    factor: 0.7,
  }),
  rowsFirstProduct([2, 3, 5, 6], [6, 2, 3, 4], { isRightRowsFirst: true }),
  rowsFirstProduct([5, 2, 3, 4], [2, 3, 5, 6], { isLeftRowsFirst: true, isLeftTransposed: true }),
  rowsFirstProduct([5, 2, 4], [4, 3], { isLeftRowsFirst: true }),
  reduction('ReduceSum', [1], 1),
  reduction('ReduceSum', [0, -1], 0),
  reduction('ReduceSum', undefined, 0),
  reduction('ReduceMean', [-1], 1),
  reduction('ReduceMean', [0, 1], 0),
  reduction('ReduceSumSquare', undefined, 0),
  reduction('ReduceSumSquare', [1], 1),
  rowwise('Softmax'),
  rowwise('LogSoftmax'),
  normalisation([1, 1, 1, 1]),
  normalisation([0.5, 2, -1, 3]),
  {
    operator: 'Reshape',
    what: 'to a matrix',
    inputs: { a: [2, 3, 4] },
    build: (graph, inputs) => graph.reshape(by(inputs, 'a'), [-1, 4]),
  },
  {
    operator: 'Transpose',
    what: 'in a cycle, which is not its own reverse',
    inputs: { a: [2, 3, 4] },
    build: (graph, inputs) => graph.transpose(by(inputs, 'a'), [1, 2, 0]),
  },
  {
    operator: 'Split',
    what: 'with a part that is not used',
    inputs: { a: [2, 6] },
    build: (graph, inputs) => {
      const [first, , last] = graph.split(by(inputs, 'a'), [1, 3, 2], 1);
      if (!first || !last) throw new RangeError('parts');
      return graph.multiply(first, last);
    },
  },
  {
    operator: 'Concat',
    what: 'on axis 1',
    inputs: { a: [2, 3], b: [2, 2] },
    build: (graph, inputs) => graph.concat([by(inputs, 'a'), by(inputs, 'b')], 1),
  },
  {
    operator: 'Squeeze',
    what: 'of the first axis',
    inputs: { a: [1, 3, 2] },
    build: (graph, inputs) => graph.apply('Squeeze', [by(inputs, 'a'), graph.integersOf([0])]),
  },
  {
    operator: 'Unsqueeze',
    what: 'of two axes',
    inputs: { a: [3, 2] },
    build: (graph, inputs) => graph.apply('Unsqueeze', [by(inputs, 'a'), graph.integersOf([1, 2])]),
  },
  {
    operator: 'Slice',
    what: 'of the first rows',
    inputs: { a: [5, 2] },
    build: (graph, inputs) => graph.firstRows(by(inputs, 'a'), graph.integersOf([3])),
  },
  {
    operator: 'Slice',
    what: 'of all rows',
    inputs: { a: [5, 2] },
    build: (graph, inputs) => graph.firstRows(by(inputs, 'a'), graph.integersOf([5])),
  },
  gather(4),
  gather(600),
  {
    operator: 'GatherElements',
    what: 'one of each row',
    inputs: { a: [3, 4] },
    build: (graph, inputs) =>
      graph.apply('GatherElements', [by(inputs, 'a'), graph.constant(int32([3, 1], [2, 0, 3]))], {
        axis: { int: 1 },
      }),
  },
];

const STEP = 1e-5;

describe('gradient rules', () => {
  it.each(cases)('$operator $what agrees with finite differences', (testCase) => {
    const graph = new GraphBuilder();
    const inputs = Object.fromEntries(
      Object.entries(testCase.inputs).map(([name, dims]) => [
        name,
        graph.input(name, 'float32', dims),
      ]),
    );
    const result = testCase.build(graph, inputs);
    // Uneven weights, so that a gradient in the wrong place is not hidden by symmetry.
    const weights = graph.input('weights', 'float32', result.dims);
    const loss = graph.sum(graph.multiply(result, weights), [...result.dims.keys()], false);
    const gradients = differentiate(graph, loss, Object.values(inputs));

    const feeds: Record<string, DoubleTensor> = {};
    const [low, high] = testCase.range ?? [-1, 1];
    for (const { name, dims } of graph.inputs) feeds[name] = draw(dims.map(Number), low, high);
    const computed = evaluateGraph(graph, feeds);
    for (const [index, name] of Object.keys(inputs).entries()) {
      const gradient = computed.get(gradients[index]?.name ?? '');
      expect(gradient?.dims).toEqual(feeds[name]?.dims);
      for (const [at, expected] of differences(graph, loss, feeds, name)) {
        expect(gradient?.data[at]).toBeCloseTo(expected, 6);
      }
    }
  });

  it('covers every operator that has a rule', () => {
    const tested = new Set(cases.map(({ operator }) => operator));
    expect([...tested].sort()).toEqual(Object.keys(GRADIENT_RULES).sort());
  });
});

describe('differentiate', () => {
  it('adds the gradients of a value that is used twice', () => {
    const graph = new GraphBuilder();
    const a = graph.input('a', 'float32', []);
    const loss = graph.add(graph.multiply(a, a), graph.multiply(a, graph.scalar(3)));
    const [gradient] = differentiate(graph, loss, [a]);
    const values = evaluateGraph(graph, { a: { dims: [], data: Float64Array.of(5) } });
    expect(values.get(gradient?.name ?? '')?.data[0]).toBe(13);
  });

  it('takes the gradient of a Relu at 0 as 0', () => {
    const graph = new GraphBuilder();
    const a = graph.input('a', 'float32', []);
    const [gradient] = differentiate(graph, graph.apply('Relu', [a]), [a]);
    const values = evaluateGraph(graph, { a: { dims: [], data: Float64Array.of(0) } });
    expect(values.get(gradient?.name ?? '')?.data[0]).toBe(0);
  });

  it('names the node through which no gradient passes', () => {
    const graph = new GraphBuilder();
    const a = graph.input('a', 'float32', [2]);
    const loss = graph.sum(graph.apply('Min', [a, graph.scalar(1)], {}, 'bound'), [0], false);
    expect(() => differentiate(graph, loss, [a])).toThrow(/bound \(Min\)/);
  });

  it('refuses a target that the loss does not depend on', () => {
    const graph = new GraphBuilder();
    const a = graph.input('a', 'float32', []);
    const b = graph.input('b', 'float32', []);
    expect(() => differentiate(graph, graph.multiply(a, a), [b])).toThrow(GradientFailure);
  });

  it('refuses sizes that are known only when the model runs', () => {
    const graph = new GraphBuilder();
    const a = graph.input('a', 'float32', ['batch', 2]);
    const loss = graph.sum(a, [0, 1], false);
    expect(() => differentiate(graph, loss, [a])).toThrow(/must be known/);
  });
});

/** Central differences of the loss by each element of one input. */
function differences(
  graph: GraphBuilder,
  loss: Value,
  feeds: Readonly<Record<string, DoubleTensor>>,
  name: string,
): readonly (readonly [number, number])[] {
  const input = feeds[name];
  if (!input) throw new RangeError(name);
  const at = (index: number, shift: number): number => {
    const data = input.data.slice();
    data[index] = (data[index] ?? NaN) + shift;
    const values = evaluateGraph(graph, { ...feeds, [name]: { dims: input.dims, data } });
    return values.get(loss.name)?.data[0] ?? NaN;
  };
  // Of a long input, the elements at both ends are enough.
  const indices = [...input.data.keys()].filter((i) => i < 60 || i >= input.data.length - 6);
  return indices.map((i) => [i, (at(i, STEP) - at(i, -STEP)) / (2 * STEP)]);
}

let state = 1;

function draw(dims: readonly number[], low: number, high: number): DoubleTensor {
  const size = dims.reduce((all, dim) => all * dim, 1);
  const data = Float64Array.from({ length: size }, () => {
    state = (state * 16_807) % 2_147_483_647;
    return low + ((high - low) * state) / 2_147_483_647;
  });
  return { dims, data };
}
