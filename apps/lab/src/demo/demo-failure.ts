import { Failure } from '@logbert/failure';

/** The server did not do what the shop needs of it. */
export class DemoFailure extends Failure {
  readonly code = 'lab/demo';
  readonly retriable = false;
}
