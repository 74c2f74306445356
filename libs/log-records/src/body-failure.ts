import { Failure } from '@logbert/failure';

export type BodyReason = 'content-type' | 'json' | 'otlp' | 'loki' | 'bulk' | 'not-utf8';

/** A request body that holds no lines at all, as opposed to one with some bad lines. */
export class BodyFailure extends Failure {
  readonly code: `log-records/${BodyReason}`;
  readonly retriable = false;

  constructor(
    readonly reason: BodyReason,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.code = `log-records/${reason}`;
  }
}
