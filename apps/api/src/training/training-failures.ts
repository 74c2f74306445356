import { Failure } from '@logbert/failure';

/** The training child ended without an answer: killed, out of memory, or crashed. */
export class TrainingCrashFailure extends Failure {
  readonly code = 'training/crash';
  readonly retriable = true;
}

/** The training child met an error and told it before it ended. */
export class TrainingChildFailure extends Failure {
  readonly retriable = false;

  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** Somebody, or the end of the server, asked the job to stop. */
export class TrainingCancelledFailure extends Failure {
  readonly code = 'training/cancelled';
  readonly retriable = true;
}
