import { Failure } from '@logbert/failure';

/** The runtime does not accept a model: its bytes, an operator, or a shape are wrong. */
export class GraphRefusedFailure extends Failure {
  readonly code = 'graph-runner/model-refused';
  readonly retriable = false;
}

/** The runtime stopped while it computed: the feeds do not fit the model, or memory ran out. */
export class GraphRunFailure extends Failure {
  readonly code = 'graph-runner/run-failed';
  readonly retriable = false;
}
