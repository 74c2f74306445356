import {
  evaluateGraph,
  float32,
  GraphBuilder,
  int32,
  int64,
  numbersOf,
  type OperatorName,
  type Tensor,
  type Value,
} from '@logbert/onnx-graph';
import { describe, expect, it } from 'vitest';
import { openGraph } from './open-graph';

type Build = (graph: GraphBuilder, a: Value, b: Value) => readonly Value[];

const A: Tensor = float32(
  [2, 3, 4],
  Array.from({ length: 24 }, (_, i) => Math.sin(i * 1.7) * 2),
);
const B: Tensor = float32(
  [2, 3, 4],
  Array.from({ length: 24 }, (_, i) => 1.5 + Math.cos(i)),
);

const weights: Tensor = {
  type: 'int8',
  dims: [4, 2],
  data: Int8Array.of(-64, 3, 20, 64, 5, -7, 9, 11),
};

/** Of factors `[3, 2, 2, 2]`, rows before a batch of two dimensions, and of one whose rows are where they usually are. */
function rowsFirstProducts(g: GraphBuilder, a: Value, b: Value): readonly Value[] {
  const [left, right] = [g.reshape(a, [3, 2, 2, 2]), g.reshape(b, [3, 2, 2, 2])];
  const rowsFirst = { isLeftRowsFirst: true, isRightRowsFirst: true };
  const products = g.fusedMatmul(left, right, { ...rowsFirst, isRightTransposed: true });
  return [products, g.fusedMatmul(products, right, { isRightRowsFirst: true, factor: 2 })];
}

const cases: Partial<Record<OperatorName, Build>> = {
  Add: (g, a, b) => [g.add(a, b)],
  Sub: (g, a, b) => [g.subtract(a, b)],
  Mul: (g, a, b) => [g.multiply(a, b)],
  Div: (g, a, b) => [g.divide(a, b)],
  Min: (g, a, b) => [g.apply('Min', [a, b])],
  Equal: (g, a) => [g.apply('Equal', [a, a])],
  Greater: (g, a, b) => [g.apply('Greater', [a, b])],
  Where: (g, a, b) => [g.apply('Where', [g.apply('Greater', [a, b]), a, g.scalar(7)])],
  Relu: (g, a) => [g.apply('Relu', [a])],
  Sqrt: (g, _a, b) => [g.apply('Sqrt', [b])],
  Neg: (g, a) => [g.apply('Neg', [a])],
  Exp: (g, a) => [g.apply('Exp', [a])],
  Cast: (g, a, b) => [g.cast(g.apply('Greater', [a, b]), 'int32')],
  MatMul: (g, a) => [g.matmul(a, g.constant(float32([4, 2], [1, 2, 3, 4, 5, 6, 7, 8])))],
  FusedMatMul: (g, a, b) => [
    g.fusedMatmul(a, b, { isRightTransposed: true, factor: 0.5 }),
    g.fusedMatmul(a, b, { isLeftTransposed: true }),
    ...rowsFirstProducts(g, a, b),
  ],
  ReduceSum: (g, a) => [g.sum(a, [1], true), g.sum(a, [0, -1], false)],
  ReduceMean: (g, a) => [g.mean(a, [-1], true)],
  ReduceSumSquare: (g, a) => [g.apply('ReduceSumSquare', [a], { keepdims: { int: 0 } })],
  Softmax: (g, a) => [g.apply('Softmax', [a], { axis: { int: -1 } })],
  LogSoftmax: (g, a) => [g.apply('LogSoftmax', [a], { axis: { int: -1 } })],
  LayerNormalization: (g, a) =>
    g.applyAll('LayerNormalization', [a, g.constant(float32([4], [1, 2, 0.5, -1]))], {
      axis: { int: -1 },
      epsilon: { float: 1e-5 },
    }),
  TopK: (g, a) => g.applyAll('TopK', [a, g.constant(int64([1], [2]))], { axis: { int: -1 } }),
  Reshape: (g, a, b) => [g.reshape(a, [0, -1]), g.reshape(a, g.sizesOf(b, [1]))],
  Expand: (g, a) => [g.apply('Expand', [g.mean(a, [1], true), g.integersOf([2, 3, 4])])],
  Shape: (g, a) => [g.sizeOfAxis(a, 1)],
  Slice: (g, a) => [g.firstRows(a, g.integersOf([1]))],
  Transpose: (g, a) => [g.transpose(a, [1, 2, 0])],
  Split: (g, a) => g.split(a, [1, 3], 2),
  Concat: (g, a, b) => [g.concat([a, b], 1)],
  Squeeze: (g, a) => [g.apply('Squeeze', [g.sum(a, [1], true), g.integersOf([1])])],
  Unsqueeze: (g, a) => [g.apply('Unsqueeze', [a, g.integersOf([1, 2])])],
  Gather: (g, a) => [g.gather(a, g.constant(int32([3], [1, 0, 1])))],
  GatherElements: (g, a) => [
    g.apply(
      'GatherElements',
      [g.reshape(a, [6, 4]), g.constant(int32([6, 1], [0, 1, 2, 3, 0, 1]))],
      {
        axis: { int: 1 },
      },
    ),
  ],
  ScatterElements: (g, a) => [
    g.scatterAdd(
      g.constant(float32([3, 4], new Float32Array(12).fill(1))),
      g.constant(int32([6, 1], [0, 2, 2, 2, 0, 2])),
      g.reshape(a, [6, 4]),
    ),
  ],
  OneHot: (g) => [
    g.apply('OneHot', [
      g.constant(int32([2], [2, 0])),
      g.constant(int32([1], [3])),
      g.constant(float32([2], [0, 1])),
    ]),
  ],
  DynamicQuantizeMatMul: (g, a) => [
    g.apply('DynamicQuantizeMatMul', [
      a,
      g.constant(weights),
      g.constant(float32([2], [0.01, 0.02])),
      undefined,
      g.constant(float32([2], [1, -1])),
    ]),
  ],
};

describe('ONNX Runtime', () => {
  it.each(Object.keys(cases) as OperatorName[])(
    'computes %s as the reference does',
    async (name) => {
      const graph = new GraphBuilder();
      const [a, b] = [graph.input('a', 'float32', A.dims), graph.input('b', 'float32', B.dims)];
      const outputs = cases[name]?.(graph, a, b) ?? [];
      for (const output of outputs) graph.output(output);
      const expected = evaluateGraph(graph, {
        a: { dims: A.dims, data: Float64Array.from(numbersOf(A)) },
        b: { dims: B.dims, data: Float64Array.from(numbersOf(B)) },
      });
      const session = await openGraph(graph.build());
      const actual = await session.run({ a: A, b: B });
      await session.close();
      // 8 bits for the left factor: an error of half a step of its range, times the sum of the weights.
      const digits = name === 'DynamicQuantizeMatMul' ? 1 : 5;
      for (const output of outputs) {
        const [is, should] = [actual[output.name], expected.get(output.name)];
        expect(is?.dims).toEqual(should?.dims);
        for (const [index, value] of should?.data.entries() ?? []) {
          expect(Number(is?.data[index])).toBeCloseTo(value, digits);
        }
      }
    },
  );
});

describe('openGraph', () => {
  const adder = () => {
    const graph = new GraphBuilder();
    graph.output(graph.add(graph.input('a', 'float32', ['n']), graph.scalar(1), 'sum'));
    return graph.build();
  };

  it('writes into the outputs that it is given', async () => {
    const session = await openGraph(adder(), { threads: 1 });
    const mine = new Float32Array(2);
    const results = await session.run({ a: float32([2], [1, 2]) }, { sum: float32([2], mine) });
    expect([...mine]).toEqual([2, 3]);
    expect(results['sum']?.data).toBe(mine);
    await session.close();
  });

  it('adds up all updates of one row, whatever the number of threads', async () => {
    const graph = new GraphBuilder();
    const rows = 3_000;
    const places = graph.constant(
      int32(
        [rows, 1],
        Int32Array.from({ length: rows }, (_, i) => i % 3),
      ),
    );
    const updates = graph.input('a', 'float32', [rows, 8]);
    const sums = graph.scatterAdd(
      graph.constant(float32([3, 8], new Float32Array(24))),
      places,
      updates,
    );
    graph.output(sums);
    const session = await openGraph(graph.build(), { threads: 2 });
    const results = await session.run({
      a: float32([rows, 8], new Float32Array(rows * 8).fill(1)),
    });
    expect([...(results[sums.name]?.data ?? [])]).toEqual(new Array(24).fill(1_000));
    await session.close();
  });

  it('refuses bytes that are no model', async () => {
    await expect(openGraph(Uint8Array.of(1, 2, 3))).rejects.toMatchObject({
      code: 'graph-runner/model-refused',
      retriable: false,
    });
  });

  it('says which input does not fit', async () => {
    const session = await openGraph(adder());
    await expect(session.run({})).rejects.toMatchObject({ code: 'graph-runner/run-failed' });
    await expect(session.run({ a: int32([1], [1]) })).rejects.toThrow(/a|float/);
    await session.close();
  });
});
