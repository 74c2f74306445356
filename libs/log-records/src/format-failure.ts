import { Failure } from '@logbert/failure';

/** A line format or session rule that cannot be used. */
export class FormatFailure extends Failure {
  readonly code = 'log-records/format';
  readonly retriable = false;

  constructor(
    readonly field: string,
    readonly reason: string,
  ) {
    super(`${field}: ${reason}`);
  }
}
