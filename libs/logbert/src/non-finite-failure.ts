import { Failure } from '@logbert/failure';
import type { TrainedLogBert } from './trained-logbert';

/** Training diverged: the loss or the gradient of a step is not a finite number. */
export class NonFiniteFailure extends Failure {
  readonly code = 'logbert/non-finite';
  readonly retriable = false;

  /** @param lastGood the model before the step, undefined when the scores themselves are not finite */
  constructor(
    readonly quantity: string,
    readonly step: number | undefined,
    readonly lastGood: TrainedLogBert | undefined,
  ) {
    super(
      step === undefined
        ? `${quantity} is not a finite number`
        : `${quantity} of training step ${step} is not a finite number; a lower learning rate may help`,
    );
  }
}
