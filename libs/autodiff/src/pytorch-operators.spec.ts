import { readFileSync } from 'node:fs';
import {
  evaluateGraph,
  GraphBuilder,
  type Attributes,
  type DoubleTensor,
  type ElementType,
  type OperatorName,
  type Tensor,
  type Value,
} from '@logbert/onnx-graph';
import { describe, expect, it } from 'vitest';
import { differentiate, GRADIENT_RULES } from './differentiate';

/** As `benchmarks/peers/torch_gradients.py` writes it. */
interface Case {
  readonly operator: OperatorName;
  readonly what: string;
  readonly inputs: readonly {
    readonly type: ElementType;
    readonly dims: readonly number[];
    readonly values: readonly number[];
    readonly isWanted: boolean;
  }[];
  readonly attributes: Attributes;
  readonly outputs: readonly { readonly dims: readonly number[]; readonly values: number[] }[];
  /** Of the loss Σ output · weights, one list an output; none where there is no gradient. */
  readonly weights?: readonly (readonly number[])[];
  readonly gradients?: readonly (readonly number[] | null)[];
}

const file = new URL('./pytorch-operators.fixture.json', import.meta.url);
const cases = (JSON.parse(readFileSync(file, 'utf8')) as { cases: readonly Case[] }).cases;

const ALL_OPERATORS: Readonly<Record<OperatorName, true>> = {
  ...{ Add: true, Sub: true, Mul: true, Div: true, Min: true, Equal: true, Greater: true },
  ...{ Relu: true, Sqrt: true, Neg: true, Exp: true, Where: true, Cast: true },
  ...{ MatMul: true, FusedMatMul: true, DynamicQuantizeMatMul: true },
  ...{ ReduceSum: true, ReduceMean: true, ReduceSumSquare: true, Softmax: true, LogSoftmax: true },
  ...{ LayerNormalization: true, TopK: true, Reshape: true, Expand: true, Shape: true },
  ...{ Slice: true, Transpose: true, Split: true, Concat: true, Squeeze: true, Unsqueeze: true },
  ...{ Gather: true, GatherElements: true, ScatterElements: true, OneHot: true },
};

describe('PyTorch', () => {
  it.each(cases)('gives the same for $operator $what', (testCase) => {
    const graph = new GraphBuilder();
    const feeds: Record<string, DoubleTensor> = {};
    const inputs = testCase.inputs.map(({ type, dims, values }, index): Value => {
      if (type !== 'float32') return graph.constant(tensorOf(type, dims, values));
      // Fed, not constant: a constant would be rounded to float32.
      const value = graph.input(`input${index}`, type, dims);
      feeds[value.name] = { dims, data: Float64Array.from(values) };
      return value;
    });
    const outputs = graph.applyAll(testCase.operator, inputs, testCase.attributes);
    const wanted = inputs.filter((_, index) => testCase.inputs[index]?.isWanted);
    const weighted = outputs.slice(0, testCase.weights?.length ?? 0).map((output, index) => {
      const weights = graph.input(`weights${index}`, 'float32', output.dims);
      const data = Float64Array.from(testCase.weights?.[index] ?? []);
      feeds[weights.name] = { dims: output.dims.map(Number), data };
      const all = [...output.dims.keys()];
      const product = graph.multiply(output, weights);
      return all.length === 0 ? product : graph.sum(product, all, false);
    });
    const [first, ...others] = weighted;
    const loss = first && others.reduce((sum, one) => graph.add(sum, one), first);
    const gradients = loss ? differentiate(graph, loss, wanted) : [];

    const computed = evaluateGraph(graph, feeds);
    for (const [index, { dims, values }] of testCase.outputs.entries()) {
      const output = computed.get(outputs[index]?.name ?? '');
      expect(output?.dims).toEqual(dims);
      expectClose(output, values);
    }
    const expected = (testCase.gradients ?? []).filter((gradient) => gradient !== null);
    expect(gradients).toHaveLength(expected.length);
    for (const [index, gradient] of gradients.entries()) {
      expectClose(computed.get(gradient.name), expected[index] ?? []);
    }
  });

  it('was asked about every operator, and for a gradient of each that has a rule', () => {
    const asked = (isCounted: (testCase: Case) => boolean) =>
      [...new Set(cases.filter(isCounted).map(({ operator }) => operator))].sort();
    expect(asked(() => true)).toEqual(Object.keys(ALL_OPERATORS).sort());
    expect(asked(({ gradients }) => gradients !== undefined)).toEqual(
      Object.keys(GRADIENT_RULES).sort(),
    );
  });
});

function expectClose(actual: DoubleTensor | undefined, expected: readonly number[]): void {
  expect(actual?.data).toHaveLength(expected.length);
  for (const [at, value] of expected.entries()) expect(actual?.data[at]).toBeCloseTo(value, 11);
}

function tensorOf(type: ElementType, dims: readonly number[], values: readonly number[]): Tensor {
  switch (type) {
    case 'int64':
      return { type, dims, data: BigInt64Array.from(values, BigInt) };
    case 'int32':
      return { type, dims, data: Int32Array.from(values) };
    case 'int8':
      return { type, dims, data: Int8Array.from(values) };
    default:
      return { type, dims, data: Uint8Array.from(values) };
  }
}
