import { Failure } from '@logbert/failure';

/** An operator was given inputs of shapes or types that it cannot work on; thrown while the graph is built. */
export class GraphFailure extends Failure {
  readonly code = 'onnx-graph/invalid-node';
  readonly retriable = false;

  constructor(
    readonly node: string,
    reason: string,
  ) {
    super(`${node}: ${reason}`);
  }
}
