/**
 * Immutable bytes under keys such as `models/m1/model.onnx`. A prefix names a folder: it means
 * every key below it.
 */
export interface ArtifactStore {
  /** Replaces what is there as a whole; a reader never sees half of it. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** @throws ArtifactMissingFailure */
  get(key: string): Promise<Uint8Array>;
  /** Keys below the prefix, sorted; the empty prefix means all. */
  list(prefix: string): Promise<readonly string[]>;
  /** Also removes the key that is the prefix itself. */
  remove(prefix: string): Promise<void>;
  isHealthy(): Promise<boolean>;
}
