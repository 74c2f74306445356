import { describe, expect, it } from 'vitest';
import { GraphBuilder } from './graph-builder';
import { GraphFailure } from './graph-failure';
import { readMetadata } from './model-proto';
import { float32, int32 } from './tensor';
import type { Value } from './value';

type Build = (graph: GraphBuilder) => Value;

const input = (graph: GraphBuilder, name: string, dims: (number | string)[]) =>
  graph.input(name, 'float32', dims);

describe('GraphBuilder', () => {
  const shapes: [string, Build, (number | string)[]][] = [
    ['broadcasts', (g) => g.add(input(g, 'a', [2, 1, 4]), input(g, 'b', [3, 1])), [2, 3, 4]],
    [
      'multiplies a batch by one matrix',
      (g) => g.matmul(input(g, 'a', ['batch', 5, 3]), input(g, 'b', [3, 4])),
      ['batch', 5, 4],
    ],
    [
      'multiplies transposed',
      (g) =>
        g.fusedMatmul(input(g, 'a', [2, 4, 3]), input(g, 'b', [2, 5, 4]), {
          isLeftTransposed: true,
          isRightTransposed: true,
        }),
      [2, 3, 5],
    ],
    ['reshapes to what is left', (g) => g.reshape(input(g, 'a', [2, 3, 4]), [0, -1]), [2, 12]],
    [
      'reshapes unknown sizes',
      (g) => g.reshape(input(g, 'a', ['batch', 'length', 8]), [-1, 8]),
      ['batch*length', 8],
    ],
    [
      'reshapes and keeps unknown sizes',
      (g) => g.reshape(input(g, 'a', ['batch', 'length', 8]), [0, 0, 2, 4]),
      ['batch', 'length', 2, 4],
    ],
    ['sums away', (g) => g.sum(input(g, 'a', [2, 3, 4]), [0, -1], false), [3]],
    ['sums and keeps', (g) => g.sum(input(g, 'a', [2, 3, 4]), [1], true), [2, 1, 4]],
    ['transposes', (g) => g.transpose(input(g, 'a', [2, 3, 4]), [1, 2, 0]), [3, 4, 2]],
    ['joins', (g) => g.concat([input(g, 'a', [2, 3]), input(g, 'b', [2, 1])], 1), [2, 4]],
    [
      'picks rows',
      (g) => g.gather(input(g, 'a', [7, 3]), g.input('i', 'int32', ['batch', 5])),
      ['batch', 5, 3],
    ],
    [
      'takes as many first rows as another value has',
      (g) => g.firstRows(input(g, 'a', [9, 3]), g.sizeOfAxis(input(g, 'b', [2, 'length']), 1)),
      ['length', 3],
    ],
  ];
  it.each(shapes)('%s', (_what, build, dims) => {
    expect(build(new GraphBuilder()).dims).toEqual(dims);
  });

  const refused: [string, Build, RegExp][] = [
    [
      'shapes that do not broadcast',
      (g) => g.add(input(g, 'a', [2, 3]), input(g, 'b', [2, 4])),
      /^add \(Add\): cannot broadcast \[2, 3\] with \[2, 4\]$/,
    ],
    [
      'types that differ',
      (g) => g.add(input(g, 'a', [2]), g.constant(int32([2], [1, 2]))),
      /^add \(Add\): cannot combine float32 \[2\] with int32 \[2\]$/,
    ],
    [
      'factors that do not fit',
      (g) => g.matmul(input(g, 'a', [2, 3]), input(g, 'b', [4, 5]), 'layer0.widen'),
      /^layer0\.widen \(MatMul\): cannot multiply \[2, 3\] by \[4, 5\]$/,
    ],
    [
      'a factor that is a vector',
      (g) => g.matmul(input(g, 'a', [3]), input(g, 'b', [3, 5])),
      /two dimensions are needed/,
    ],
    [
      'a reshape to another size',
      (g) => g.reshape(input(g, 'a', [2, 3]), [4, 2]),
      /cannot reshape \[2, 3\] to \[4, 2\]/,
    ],
    [
      'a reshape that does not divide',
      (g) => g.reshape(input(g, 'a', [2, 3]), [4, -1]),
      /cannot reshape \[2, 3\] to \[4, -1\]/,
    ],
    [
      'an axis that is not there',
      (g) => g.sum(input(g, 'a', [2, 3]), [2], true),
      /axis 2 of \[2, 3\]/,
    ],
    [
      'parts that do not add up',
      (g) => g.split(input(g, 'a', [5]), [2, 2], 0)[0] ?? g.scalar(0),
      /\[2,2\] does not divide axis 0 of \[5\]/,
    ],
    [
      'joining what differs elsewhere',
      (g) => g.concat([input(g, 'a', [2, 3]), input(g, 'b', [1, 3])], 1),
      /cannot join \[2, 3\] and \[1, 3\]/,
    ],
    [
      'an order that is none',
      (g) => g.transpose(input(g, 'a', [2, 3]), [0, 0]),
      /\[0,0\] is no order of \[2, 3\]/,
    ],
    [
      'rows picked by numbers that are no integers',
      (g) => g.gather(input(g, 'a', [2, 3]), input(g, 'b', [2])),
      /input 1 must be int32 or int64, not float32 \[2\]/,
    ],
    [
      'a target that is known only when the model runs',
      (g) => g.apply('Reshape', [input(g, 'a', [4]), g.input('s', 'int64', [2])]),
      /input 1 must be a constant/,
    ],
    ['an input left out', (g) => g.apply('Add', [input(g, 'a', [4])]), /input 1 is missing/],
  ];
  it.each(refused)('refuses %s when the graph is built', (_what, build, message) => {
    expect(() => build(new GraphBuilder())).toThrow(GraphFailure);
    expect(() => build(new GraphBuilder())).toThrow(message);
  });

  it('refuses an input whose name is taken, since callers feed by name', () => {
    const graph = new GraphBuilder();
    graph.constant(float32([], [1]), 'a');
    expect(() => graph.input('a', 'float32', [])).toThrow(RangeError);
  });

  it('reshapes to sizes that are known only when the model runs', () => {
    const graph = new GraphBuilder();
    const flat = graph.input('flat', 'float32', ['length*batch', 8]);
    const like = graph.input('like', 'int32', ['length', 'batch']);
    const reshaped = graph.reshape(flat, graph.sizesOf(like, [2, 4]));
    expect(reshaped.dims).toEqual(['length', 'batch', 2, 4]);
    const other = graph.input('other', 'int32', ['width', 'batch']);
    expect(() => graph.reshape(flat, graph.sizesOf(other, [2, 4]))).toThrow(GraphFailure);
  });

  it('multiplies factors whose rows come before their batch', () => {
    const graph = new GraphBuilder();
    const query = graph.input('query', 'float32', ['asked', 'batch', 2, 4]);
    const key = graph.input('key', 'float32', ['length', 'batch', 2, 4]);
    const rowsFirst = { isLeftRowsFirst: true, isRightRowsFirst: true };
    const products = graph.fusedMatmul(query, key, { ...rowsFirst, isRightTransposed: true });
    expect(products.dims).toEqual(['batch', 2, 'asked', 'length']);
    const mixed = graph.fusedMatmul(products, key, { isRightRowsFirst: true });
    expect(mixed.dims).toEqual(['batch', 2, 'asked', 4]);
  });

  it('shares equal constants', () => {
    const graph = new GraphBuilder();
    expect(graph.scalar(2)).toBe(graph.scalar(2));
    expect(graph.integersOf([1, 2])).not.toBe(graph.integersOf([2, 1]));
  });
});

describe('readMetadata', () => {
  it('gives back what build was given', () => {
    const graph = new GraphBuilder();
    graph.output(graph.add(input(graph, 'a', []), graph.scalar(1)));
    expect(readMetadata(graph.build({ name: 'ä', empty: '' }))).toEqual(
      new Map([
        ['name', 'ä'],
        ['empty', ''],
      ]),
    );
    expect(readMetadata(graph.build()).size).toBe(0);
  });

  it('refuses bytes that are no model', () => {
    expect(() => readMetadata(Uint8Array.of(255, 255, 255))).toThrow(RangeError);
  });
});

describe('tensors', () => {
  it('refuse data that does not fill the dimensions', () => {
    expect(() => float32([2, 3], [1, 2])).toThrow(/\[2, 3\] does not hold 2 elements/);
  });
});
