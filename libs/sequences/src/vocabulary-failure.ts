import { Failure } from '@logbert/failure';

/** A stored vocabulary that is not one. */
export class VocabularyFailure extends Failure {
  readonly code = 'sequences/vocabulary';
  readonly retriable = false;

  constructor(readonly reason: string) {
    super(`vocabulary refused: ${reason}`);
  }
}
