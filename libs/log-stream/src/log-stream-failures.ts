import { Failure } from '@logbert/failure';

/** The spool takes no more lines: it has reached its bound, or the disk is full. */
export class SpoolFullFailure extends Failure {
  readonly code = 'log-stream/spool-full';
  readonly retriable = true;
}

/** The disk under the spool refused a write; nothing of the lines was kept. */
export class SpoolWriteFailure extends Failure {
  readonly code = 'log-stream/spool-write';
  readonly retriable = true;
}

/** What it means that the disk refused. */
export function spoolFailureOf(cause: unknown): SpoolFullFailure | SpoolWriteFailure {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return code === 'ENOSPC' || code === 'EDQUOT'
    ? new SpoolFullFailure('The disk under the spool is full', { cause })
    : new SpoolWriteFailure(`The spool cannot be written: ${String(cause)}`, { cause });
}

/** Another process has the spool open. */
export class SpoolInUseFailure extends Failure {
  readonly code = 'log-stream/spool-in-use';
  readonly retriable = false;
}

/** The Kafka brokers cannot be reached or refused the request for now. */
export class BrokerFailure extends Failure {
  readonly code = 'log-stream/broker';
  readonly retriable = true;
}

/** A topic is missing, or the broker does not let us in. */
export class BrokerSetupFailure extends Failure {
  readonly code = 'log-stream/broker-setup';
  readonly retriable = false;
}

/** It is not known for now under which keys lines are to be sent on. */
export class RoutingFailure extends Failure {
  readonly code = 'log-stream/routing';
  readonly retriable = true;
}

/** The broker takes no record of that size. */
export class RecordTooLargeFailure extends Failure {
  readonly code = 'log-stream/record-too-large';
  readonly retriable = false;
}

/** The record names a stream by a name that cannot be one. */
export class StreamNameFailure extends Failure {
  readonly code = 'log-stream/stream-name';
  readonly retriable = false;

  constructor(name: string) {
    super(`${JSON.stringify(name.slice(0, 100))} is not the name of a stream`);
  }
}

/** There is no file under a path that is followed. */
export class FileMissingFailure extends Failure {
  readonly code = 'log-stream/file-missing';
  readonly retriable = true;

  constructor(path: string) {
    super(`there is no ${path}; it is read from its beginning when it appears`);
  }
}

/** A path that is followed leads to something else than a file. */
export class NotAFileFailure extends Failure {
  readonly code = 'log-stream/not-a-file';
  readonly retriable = true;

  constructor(path: string) {
    super(
      `${path} is not a file: name one, or a pattern such as ${path}/*.log for those of a folder`,
    );
  }
}

/** A line of a followed file is longer than a line may be. */
export class LineTooLongFailure extends Failure {
  readonly code = 'log-stream/line-too-long';
  readonly retriable = false;

  constructor(bytes: number, limit: number) {
    super(`the line has ${bytes} bytes, server.lineLimitBytes is ${limit}`);
  }
}

/** The stream was closed before the call was done. */
export class LogStreamClosedFailure extends Failure {
  readonly code = 'log-stream/closed';
  readonly retriable = true;

  constructor() {
    super('The log stream is closing');
  }
}
