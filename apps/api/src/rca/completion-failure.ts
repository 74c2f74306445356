import { Failure } from '@logbert/failure';

export type CompletionReason =
  'timeout' | 'unreachable' | 'refused' | 'rate-limit' | 'http' | 'garbage' | 'empty';

/** The language model gave no answer. */
export class CompletionFailure extends Failure {
  readonly code = 'rca/completion';
  readonly retriable = true;

  constructor(
    readonly reason: CompletionReason,
    message: string,
  ) {
    super(message);
  }
}
