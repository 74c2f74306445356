import { Failure } from '@logbert/failure';

/** The database cannot be reached, or the connection was lost; the same call may succeed later. */
export class DatabaseUnavailableFailure extends Failure {
  readonly code = 'database/unavailable';
  readonly retriable = true;

  constructor(cause: unknown) {
    super(`The database cannot be reached: ${messageOf(cause)}`, { cause });
  }
}

/** A deadlock or serialisation conflict undid the transaction; run again it may succeed. */
export class DatabaseConflictFailure extends Failure {
  readonly code = 'database/conflict';
  readonly retriable = true;

  constructor(cause: unknown) {
    super(`The database undid the transaction: ${messageOf(cause)}`, { cause });
  }
}

/** The disk of the database is full or it has no memory or connection left. */
export class DatabaseExhaustedFailure extends Failure {
  readonly code = 'database/exhausted';
  readonly retriable = true;

  constructor(cause: unknown) {
    super(`The database has run out of a resource: ${messageOf(cause)}`, { cause });
  }
}

/** What was to be written was found in lines that another owner has by now; it finds the same, and writes it. */
export class NotOwnerFailure extends Failure {
  readonly code = 'database/not-owner';
  /** Until the loss is heard of, or the partition is delivered to this owner again. */
  readonly retriable = true;

  constructor(source: string, partition: number) {
    super(
      `Partition ${partition} of ${source} has another owner; nothing was written for this one`,
    );
  }
}

/** A list was asked to go on from a cursor that no list has given. */
export class InvalidCursorFailure extends Failure {
  readonly code = 'database/invalid-cursor';
  readonly retriable = false;

  constructor() {
    super('cursor: not one that this list has given; ask without it to start at the beginning');
  }
}

/** A model was named that is not registered. */
export class ModelMissingFailure extends Failure {
  readonly code = 'database/model-missing';
  readonly retriable = false;

  constructor(readonly modelId: string) {
    super(`No model has the id "${modelId}"`);
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error && cause.message !== '' ? cause.message : String(cause);
}
