import type { Architecture } from './architecture';

export interface Parameter {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** One epoch of training. Losses are nats a masked key, weighted by how often a window occurred. */
export interface EpochRecord {
  readonly epoch: number;
  readonly loss: number;
  readonly validationLoss: number | null;
  readonly tokensPerSecond: number;
}

/** A trained network: all that scoring needs. */
export interface TrainedLogBert {
  readonly architecture: Architecture;
  readonly parameters: ReadonlyMap<string, Parameter>;
  /** Mean representation of `[DIST]` over the training windows, `[hidden]`. */
  readonly centre: Float32Array;
  /** Least surprise of a line whose template is not in the vocabulary, in nats; 0 where training had such lines. */
  readonly unknownFloor: number;
  readonly history: readonly EpochRecord[];
}
