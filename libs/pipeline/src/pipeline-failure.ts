import { Failure } from '@logbert/failure';

/** What was given to learn from is not enough to learn from. */
export class TrainingSourceFailure extends Failure {
  readonly code = 'pipeline/training-source';
  readonly retriable = false;
}

/** The files of a bundle do not fit each other or this version of the program. */
export class BundleFailure extends Failure {
  readonly code = 'pipeline/bundle';
  readonly retriable = false;

  constructor(
    readonly file: string,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(`${file}: ${reason}. Train the stream again or promote another model.`, options);
  }
}
