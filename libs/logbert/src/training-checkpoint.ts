import type { EpochRecord } from './trained-logbert';
import type { TrainingFingerprint } from './training-fingerprint';

/** A training between two epochs: resumed from here it goes on to the same bits as without a break. */
export interface TrainingCheckpoint {
  /** The training that it belongs to, and no other. */
  readonly fingerprint: TrainingFingerprint;
  /** Parameters and moments, each as one vector. */
  readonly parameters: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
  readonly centre: Float32Array;
  /** The epoch with the smallest validation loss so far. */
  readonly best: {
    readonly loss: number;
    readonly epoch: number;
    readonly parameters: Float32Array;
  };
  readonly history: readonly EpochRecord[];
}
