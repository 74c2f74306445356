import { Failure } from '@logbert/failure';

/** There is nothing under the key. */
export class ArtifactMissingFailure extends Failure {
  readonly code = 'artifact-store/missing';
  readonly retriable = false;

  constructor(
    readonly key: string,
    options?: ErrorOptions,
  ) {
    super(`There is no artifact "${key}"`, options);
  }
}

/** The key could lead out of the store, or not every kind of store can keep it. */
export class ArtifactKeyFailure extends Failure {
  readonly code = 'artifact-store/key';
  readonly retriable = false;

  constructor(key: string) {
    super(
      `${JSON.stringify(key.slice(0, 200))} is not an artifact key: names of letters, digits, ".", "_" and "-", separated by "/", none beginning with "."`,
    );
  }
}

/** The store cannot be reached, is overloaded, or its disk is full. */
export class ArtifactStoreUnavailableFailure extends Failure {
  readonly code = 'artifact-store/unavailable';
  readonly retriable = true;

  constructor(operation: string, cause: unknown) {
    super(`Artifact store: ${operation}: ${describe(cause)}`, { cause });
  }
}

/** The store does not let us: wrong credentials, missing permission, missing bucket. */
export class ArtifactStoreRefusedFailure extends Failure {
  readonly code = 'artifact-store/refused';
  readonly retriable = false;

  constructor(operation: string, cause: unknown) {
    super(`Artifact store: ${operation}: ${describe(cause)}`, { cause });
  }
}

/** A file of a model bundle is not what its manifest says, or the manifest cannot be read. */
export class BundleCorruptFailure extends Failure {
  readonly code = 'artifact-store/bundle-corrupt';
  readonly retriable = false;

  constructor(
    readonly modelId: string,
    readonly file: string,
    readonly expected: string,
    readonly actual: string,
  ) {
    super(`Model "${modelId}": ${file}: expected ${expected}, got ${actual}`);
  }
}

function describe(cause: unknown): string {
  return cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
}
