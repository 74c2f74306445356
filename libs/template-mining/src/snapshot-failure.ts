import { Failure } from '@logbert/failure';

/** A snapshot that is truncated, altered or of another program or version. */
export class SnapshotFailure extends Failure {
  readonly code = 'template-mining/snapshot';
  readonly retriable = false;

  constructor(
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`snapshot refused: ${reason}`, options);
  }
}
