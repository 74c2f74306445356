import { Failure } from '@logbert/failure';

export interface FieldProblem {
  readonly field: string;
  readonly reason: string;
}

/** A request that cannot be answered as asked; it carries its own HTTP status. */
export abstract class RequestFailure extends Failure {
  abstract readonly status: number;
  readonly errors: readonly FieldProblem[] = [];
  /** Seconds after which the same request may succeed. */
  readonly retryAfterSeconds: number | undefined = undefined;
  readonly retriable: boolean = false;
}

export class NotFoundFailure extends RequestFailure {
  readonly code = 'request/not-found';
  readonly status = 404;

  constructor(what: string, id: string) {
    super(`There is no ${what} "${id}".`);
  }
}

export class ConflictFailure extends RequestFailure {
  readonly code = 'request/conflict';
  readonly status = 409;
}

/** A field of the request is missing or wrong; each is named with its reason. */
export class InvalidRequestFailure extends RequestFailure {
  readonly code = 'request/invalid';
  readonly status = 400;

  constructor(override readonly errors: readonly FieldProblem[]) {
    super(errors.map(({ field, reason }) => `${field}: ${reason}`).join('; '));
  }
}

/** A part of what was sent can never be kept, the rest was: where a protocol has no other way to tell. */
export class PartlyRefusedFailure extends RequestFailure {
  readonly code = 'request/partly-refused';
  readonly status = 400;

  constructor(
    message: string,
    override readonly errors: readonly FieldProblem[],
  ) {
    super(message);
  }
}

export class UnsupportedContentFailure extends RequestFailure {
  readonly code = 'request/unsupported-content';
  readonly status = 415;
}

export class BodyTooLargeFailure extends RequestFailure {
  readonly code = 'request/too-large';
  readonly status = 413;

  constructor(limitBytes: number) {
    super(`The body is larger than the ${limitBytes} bytes that one request may have.`);
  }
}

/** There are as many streams as the configuration allows. */
export class TooManyStreamsFailure extends RequestFailure {
  readonly code = 'request/too-many-streams';
  readonly status = 429;
  /** Only a person can make room. Senders that keep their lines until then need not ask more often. */
  override readonly retryAfterSeconds = 60;

  constructor(stream: string, maxStreams: number) {
    super(
      `There are ${maxStreams} streams already, so "${stream}" cannot be one more; ` +
        'raise server.maxStreams, or send to a stream that exists.',
    );
  }
}

/** Something this server depends on is away or full for now. */
export class UnavailableFailure extends RequestFailure {
  readonly code = 'request/unavailable';
  readonly status = 503;
  override readonly retriable = true;

  constructor(
    message: string,
    override readonly retryAfterSeconds = 5,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export class UnauthorizedFailure extends RequestFailure {
  readonly code = 'request/unauthorized';
  readonly status = 401;
}

/** The request names a host that this server does not answer for. */
export class MisdirectedFailure extends RequestFailure {
  readonly code = 'request/misdirected';
  readonly status = 421;

  constructor(host: string) {
    super(`The server is not called "${host}"; add the name to server.allowedHosts.`);
  }
}

/** A browser sent the request for a page of another site. */
export class CrossSiteFailure extends RequestFailure {
  readonly code = 'request/cross-site';
  readonly status = 403;

  constructor() {
    super('Pages of other sites may change nothing here; set auth.apiKeys and send a key instead.');
  }
}
