import { Failure } from '@logbert/failure';

export type DecodeReason = 'empty' | 'not-utf8' | 'too-long' | 'json' | 'logfmt';

/** A record that can never become a log record. */
export class DecodeFailure extends Failure {
  readonly code: `log-records/${DecodeReason}`;
  readonly retriable = false;

  constructor(
    readonly reason: DecodeReason,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.code = `log-records/${reason}`;
  }
}
