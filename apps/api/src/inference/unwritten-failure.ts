import { Failure } from '@logbert/failure';

/** What was found could not be made durable, for a reason that nobody foresaw. */
export class UnwrittenFailure extends Failure {
  readonly code = 'inference/unwritten';
  /** The lines have to come again from the checkpoint: the windows are gone from the detector. */
  readonly retriable = true;

  constructor(stream: string, cause: unknown) {
    super(`what was found in stream ${stream} cannot be written: ${String(cause)}`, { cause });
  }
}
