import { differentiate } from '@logbert/autodiff';
import { float32, GraphBuilder, type Value } from '@logbert/onnx-graph';
import type { Architecture } from './architecture';
import { buildEncoder } from './encoder';
import { linearOf, named } from './linear-layers';
import { countParameters, decayMask, splitParameters } from './parameters';

/** How large one training step is; every step of a graph has the same sizes. */
export interface StepShape {
  /** Windows. */
  readonly batch: number;
  /** Positions of a window, `[DIST]` and padding included. */
  readonly length: number;
  /** Masked lines of a window, at the most. */
  readonly masked: number;
}

/** A training step as a model, and how many elements each of its dropout masks has. */
export interface TrainingGraph {
  readonly model: Uint8Array;
  readonly dropoutSizes: readonly (readonly number[])[];
}

export const FIRST_DECAY = 0.9;
export const SECOND_DECAY = 0.999;
export const EPSILON = 1e-8;

/** What a network computes with. */
interface Network {
  readonly parameters: ReadonlyMap<string, Value>;
  linear(input: Value, name: string): Value;
  drop(value: Value): Value;
}

/** One training step as a model's bytes; see `writeTrainingStep`. */
export function buildTrainingGraph(
  architecture: Architecture,
  shape: StepShape,
  gradientClip: number,
): TrainingGraph {
  const graph = new GraphBuilder();
  const dropoutSizes = writeTrainingStep(graph, architecture, shape, gradientClip);
  return { model: graph.build(), dropoutSizes };
}

/**
 * Writes one step of training into an empty graph: forward pass, masked-key loss and hypersphere loss (Guo, Yuan & Wu,
 * IJCNN 2021, equations 4 and 6), gradients, clipping (Pascanu et al., ICML 2013) and AdamW (Loshchilov &
 * Hutter, ICLR 2019). All parameters are one vector, as are both moments, so that the optimiser is a dozen
 * operators whatever the depth.
 *
 * Inputs: `parameters`, `first`, `second` `[P]`; `tokens` `[length, batch]`; `padding` `[batch, 1, 1, length]`;
 * `asked` `[1 + masked, batch]`, `[DIST]` of each window and then its masked positions, counted through time and batch;
 * `targets` `[masked · batch, 1]`, classes; `weights` `[masked · batch, 1]` and `windowWeights` `[batch, 1]`, each of sum 1;
 * `centre` `[hidden]`; the scalars `rate`, `epsilon`, `decay`, `hypersphereWeight`; `dropout0`….
 * Outputs: `nextParameters`, `nextFirst`, `nextSecond` `[P]`; the scalars `loss` (nats a masked key) and
 * `gradientNorm` (before clipping).
 *
 * @returns dimensions of each dropout mask
 */
export function writeTrainingStep(
  graph: GraphBuilder,
  architecture: Architecture,
  shape: StepShape,
  gradientClip: number,
): readonly (readonly number[])[] {
  const size = countParameters(architecture);
  const flat = graph.input('parameters', 'float32', [size]);
  const parameters = splitParameters(graph, architecture, flat);
  const dropoutSizes: (readonly number[])[] = [];
  const drop = (value: Value): Value => {
    if (architecture.dropout === 0) return value;
    const dims = value.dims.map(Number);
    const mask = graph.input(`dropout${dropoutSizes.length}`, 'float32', dims);
    dropoutSizes.push(dims);
    return graph.multiply(value, mask);
  };

  const network = { parameters, linear: linearOf(graph, parameters), drop };
  const represented = represent(graph, architecture, shape, network);
  const loss = buildLoss(graph, architecture, shape, network, represented);
  const gradients = differentiate(graph, loss.total, [...parameters.values()]);
  const gradient = graph.concat(
    gradients.map((part) => graph.reshape(part, [-1])),
    0,
  );
  const outputs = buildAdamW(graph, architecture, flat, gradient, gradientClip);
  for (const value of [...outputs, loss.key]) graph.output(value);
  return dropoutSizes;
}

/** Representation of the wanted rows, `[batch + batch · masked, hidden]`, those of `[DIST]` first. */
function represent(
  graph: GraphBuilder,
  architecture: Architecture,
  { batch, length, masked }: StepShape,
  { parameters, linear, drop }: Network,
): Value {
  const tokens = graph.input('tokens', 'int32', [length, batch]);
  const padding = graph.input('padding', 'float32', [batch, 1, 1, length]);
  const asked = graph.input('asked', 'int32', [1 + masked, batch]);
  const positions = graph.firstRows(named(parameters, 'positions'), graph.sizeOfAxis(tokens, 0));
  const embedded = graph.add(
    graph.gather(named(parameters, 'tokens'), tokens),
    graph.apply('Unsqueeze', [positions, graph.integersOf([1])]),
  );
  return buildEncoder(graph, {
    architecture,
    embedded: graph.reshape(embedded, [-1, architecture.hidden]),
    place: (value) => value,
    sequences: tokens,
    asked,
    pick: (value) => value,
    padding,
    linear,
    drop,
  });
}

/** Masked-key loss, and its sum with the weighted hypersphere loss. */
function buildLoss(
  graph: GraphBuilder,
  architecture: Architecture,
  { batch, masked }: StepShape,
  { linear }: Network,
  represented: Value,
): { key: Value; total: Value } {
  const lines = batch * masked;
  const targets = graph.input('targets', 'int32', [lines, 1]);
  const weights = graph.input('weights', 'float32', [lines, 1]);
  const windowWeights = graph.input('windowWeights', 'float32', [batch, 1]);
  const centre = graph.input('centre', 'float32', [architecture.hidden]);
  const hypersphereWeight = graph.input('hypersphereWeight', 'float32', []);
  const [starts, keys] = graph.split(represented, [batch, lines], 0);
  if (!keys || !starts) throw new RangeError('the rows have two parts');

  const logits = linear(keys, 'output');
  const logProbabilities = graph.apply('LogSoftmax', [logits], { axis: { int: -1 } });
  const picked = graph.apply('GatherElements', [logProbabilities, targets], { axis: { int: 1 } });
  const weighted = graph.sum(graph.multiply(picked, weights), [0, 1], false);
  const key = graph.apply('Neg', [weighted], {}, 'loss');

  const offset = graph.subtract(starts, centre);
  const distances = graph.mean(graph.multiply(offset, offset), [1], true);
  const hypersphere = graph.sum(graph.multiply(distances, windowWeights), [0, 1], false);
  return { key, total: graph.add(key, graph.multiply(hypersphere, hypersphereWeight)) };
}

/**
 * AdamW. The bias corrections are folded into `rate` and `epsilon` by the caller (Kingma & Ba, ICLR 2015,
 * end of section 2); `decay` is learning rate times weight decay.
 */
function buildAdamW(
  graph: GraphBuilder,
  architecture: Architecture,
  parameters: Value,
  gradient: Value,
  gradientClip: number,
): readonly Value[] {
  const size = parameters.dims;
  const first = graph.input('first', 'float32', size);
  const second = graph.input('second', 'float32', size);
  const rate = graph.input('rate', 'float32', []);
  const epsilon = graph.input('epsilon', 'float32', []);
  const decay = graph.input('decay', 'float32', []);
  const isDecayed = graph.constant(float32(size.map(Number), decayMask(architecture)), 'isDecayed');

  const square = graph.apply('ReduceSumSquare', [gradient], { keepdims: { int: 0 } });
  const norm = graph.apply('Sqrt', [square], {}, 'gradientNorm');
  const longest = graph.divide(graph.scalar(gradientClip), graph.add(norm, graph.scalar(1e-6)));
  const clip = graph.apply('Min', [graph.scalar(1), longest]);

  const nextFirst = graph.add(
    graph.multiply(first, graph.scalar(FIRST_DECAY)),
    graph.multiply(gradient, graph.multiply(clip, graph.scalar(1 - FIRST_DECAY))),
    'nextFirst',
  );
  const squareShare = graph.multiply(graph.multiply(clip, clip), graph.scalar(1 - SECOND_DECAY));
  const nextSecond = graph.add(
    graph.multiply(second, graph.scalar(SECOND_DECAY)),
    graph.multiply(graph.multiply(gradient, gradient), squareShare),
    'nextSecond',
  );
  const spread = graph.add(graph.apply('Sqrt', [nextSecond]), epsilon);
  const move = graph.multiply(graph.divide(nextFirst, spread), rate);
  const keep = graph.subtract(graph.scalar(1), graph.multiply(isDecayed, decay));
  const nextParameters = graph.subtract(graph.multiply(parameters, keep), move, 'nextParameters');
  return [nextParameters, nextFirst, nextSecond, norm];
}
