import { Failure } from '@logbert/failure';

/** A gradient was asked for through a node that has none. */
export class GradientFailure extends Failure {
  readonly code = 'autodiff/no-gradient';
  readonly retriable = false;

  constructor(
    readonly node: string,
    readonly operator: string,
    reason: string,
  ) {
    super(`${node} (${operator}): ${reason}`);
  }
}
