import { Failure } from '@logbert/failure';

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

/** A training cannot go on from this checkpoint: it is damaged, or belongs to another one. */
export class CheckpointFailure extends Failure {
  readonly code = 'logbert/checkpoint';
  readonly retriable = false;

  /** @param reason what is wrong with it, to be read after "cannot be gone on from: " */
  constructor(readonly reason: string) {
    super(`the checkpoint cannot be gone on from: ${reason}`);
  }
}
