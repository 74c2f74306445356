import { Failure } from '@logbert/failure';
import type { OpenGraph } from '@logbert/onnx-graph';

/** The model was asked for a score, and is not to have one. */
export class MuteModelFailure extends Failure {
  readonly code = 'lab/mute-model';
  readonly retriable = false;
}

/**
 * Opens any model as one that can score no window: a detector leaves every window to the channels without a model then, as it does
 * in production when a model fails.
 */
export const openMuteGraph: OpenGraph = () =>
  Promise.resolve({
    run: () => Promise.reject(new MuteModelFailure('the model is left out of this comparison')),
    close: () => Promise.resolve(),
  });
