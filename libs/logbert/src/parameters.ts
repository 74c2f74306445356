import { sizeOf, type GraphBuilder, type Value } from '@logbert/onnx-graph';
import { classesOf, tokensOf, type Architecture } from './architecture';
import type { Parameter } from './trained-logbert';

interface ParameterPlan {
  readonly name: string;
  readonly dims: readonly number[];
  /** Whether weight decay pulls it to zero: matrices, not offsets or embeddings. */
  readonly isDecayed: boolean;
  /** Half the width of the uniform distribution that the first values are drawn from. */
  readonly spread: number;
}

const EMBEDDING_SPREAD = 0.1;

/** Every learned tensor of a network, in the order in which they lie in the flat vector of training. */
export function planParameters(architecture: Architecture): readonly ParameterPlan[] {
  const { hidden, layers, feedForward, maxLength } = architecture;
  const embedding = (name: string, rows: number): ParameterPlan => ({
    name,
    dims: [rows, hidden],
    isDecayed: false,
    spread: EMBEDDING_SPREAD,
  });
  // Glorot & Bengio, AISTATS 2010; branches that add to the residual stream start smaller with depth.
  const linear = (name: string, from: number, to: number, share = 1): ParameterPlan[] => [
    {
      name: `${name}.weight`,
      dims: [from, to],
      isDecayed: true,
      spread: share * Math.sqrt(6 / (from + to)),
    },
    { name: `${name}.offset`, dims: [to], isDecayed: false, spread: 0 },
  ];
  const branch = 1 / Math.sqrt(2 * layers);
  const blocks = Array.from({ length: layers }, (_, layer) => [
    ...linear(`layer${layer}.attend`, hidden, 3 * hidden),
    ...linear(`layer${layer}.merge`, hidden, hidden, branch),
    ...linear(`layer${layer}.widen`, hidden, feedForward),
    ...linear(`layer${layer}.narrow`, feedForward, hidden, branch),
  ]);
  return [
    embedding('tokens', tokensOf(architecture)),
    embedding('positions', maxLength),
    ...blocks.flat(),
    ...linear('output', hidden, classesOf(architecture)),
  ];
}

/** First values of all parameters in one vector. */
export function drawParameters(architecture: Architecture, random: () => number): Float32Array {
  const plan = planParameters(architecture);
  const flat = new Float32Array(countParameters(architecture));
  let at = 0;
  for (const { dims, spread } of plan) {
    const end = at + sizeOf(dims);
    for (; at < end; at++) flat[at] = spread === 0 ? 0 : (2 * random() - 1) * spread;
  }
  return flat;
}

export function countParameters(architecture: Architecture): number {
  return planParameters(architecture).reduce((sum, { dims }) => sum + sizeOf(dims), 0);
}

/** 1 where weight decay applies, 0 elsewhere, beside the flat vector. */
export function decayMask(architecture: Architecture): Float32Array {
  const mask = new Float32Array(countParameters(architecture));
  let at = 0;
  for (const { dims, isDecayed } of planParameters(architecture)) {
    mask.fill(isDecayed ? 1 : 0, at, (at += sizeOf(dims)));
  }
  return mask;
}

/** Names the pieces of the flat vector; the pieces are copies. */
export function unpackParameters(
  architecture: Architecture,
  flat: Float32Array,
): ReadonlyMap<string, Parameter> {
  let at = 0;
  return new Map(
    planParameters(architecture).map(({ name, dims }) => {
      const data = flat.slice(at, (at += sizeOf(dims)));
      return [name, { dims, data }];
    }),
  );
}

/** Cuts the flat vector of a graph into its parameters. */
export function splitParameters(
  graph: GraphBuilder,
  architecture: Architecture,
  flat: Value,
): ReadonlyMap<string, Value> {
  const plan = planParameters(architecture);
  const parts = graph.split(
    flat,
    plan.map(({ dims }) => sizeOf(dims)),
    0,
  );
  return new Map(
    plan.map(({ name, dims }, index) => {
      const part = parts[index] ?? flat;
      return [name, dims.length === 1 ? part : graph.reshape(part, dims)];
    }),
  );
}
