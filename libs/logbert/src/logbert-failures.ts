import { Failure } from '@logbert/failure';
import type { TrainedLogBert } from './trained-logbert';

/** A network of such sizes cannot be built. */
export class ArchitectureFailure extends Failure {
  readonly code = 'logbert/architecture';
  readonly retriable = false;

  constructor(
    readonly size: string,
    readonly expected: string,
    readonly actual: number,
  ) {
    super(`${size}: expected ${expected}, got ${actual}`);
  }
}

/** A window holds a token that the model's vocabulary does not have, or is empty. */
export class WindowFailure extends Failure {
  readonly code = 'logbert/window';
  readonly retriable = false;
}

/** The bytes are no LogBERT scoring model, or one whose metadata does not describe its graph. */
export class ModelFailure extends Failure {
  readonly code = 'logbert/model';
  readonly retriable = false;
}

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
