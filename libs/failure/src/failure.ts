/** A failure the program foresees. Callers branch on `code`; transports on `retriable`. */
export abstract class Failure extends Error {
  abstract readonly code: string;
  /** Whether the same input may succeed later: broker down, yes; malformed line, no. */
  abstract readonly retriable: boolean;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}
