import { Failure } from '@logbert/failure';

/** Compressed bytes that are damaged, or that would become more than there may be. */
export class UnpackFailure extends Failure {
  readonly code: 'log-stream/unpack-damaged' | 'log-stream/unpack-too-large';
  readonly retriable = false;

  constructor(what: 'damaged' | 'too-large', message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = `log-stream/unpack-${what}`;
  }
}

/** The failure of bytes that would unpack to more than `maxBytes`. */
export function tooLarge(maxBytes: number): UnpackFailure {
  return new UnpackFailure('too-large', `it would unpack to more than ${maxBytes} bytes`);
}

/** Runs a codec; whatever it throws comes as an UnpackFailure. */
export function unpacking(codec: string, unpack: () => Buffer): Buffer {
  try {
    return unpack();
  } catch (error) {
    if (error instanceof UnpackFailure) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new UnpackFailure('damaged', `it is no whole ${codec}: ${reason}`, { cause: error });
  }
}
