import type { ArtifactStore } from '@logbert/artifact-store';
import { METRICS } from '@logbert/telemetry';
import type { Meters } from '../metrics/meters';

/** Counts every operation on an artifact store by its outcome. */
export class MeteredArtifactStore implements ArtifactStore {
  constructor(
    private readonly store: ArtifactStore,
    private readonly meters: Meters,
  ) {}

  put(key: string, bytes: Uint8Array): Promise<void> {
    return this.counted('put', this.store.put(key, bytes));
  }

  get(key: string): Promise<Uint8Array> {
    return this.counted('get', this.store.get(key));
  }

  list(prefix: string): Promise<readonly string[]> {
    return this.counted('list', this.store.list(prefix));
  }

  remove(prefix: string): Promise<void> {
    return this.counted('remove', this.store.remove(prefix));
  }

  isHealthy(): Promise<boolean> {
    return this.store.isHealthy();
  }

  private async counted<T>(operation: string, work: Promise<T>): Promise<T> {
    try {
      const result = await work;
      this.meters.count(METRICS.artifactOperations, { operation, outcome: 'ok' });
      return result;
    } catch (error) {
      this.meters.count(METRICS.artifactOperations, { operation, outcome: 'failed' });
      throw error;
    }
  }
}
