import { ArtifactMissingFailure } from './artifact-failures';
import type { ArtifactStore } from './artifact-store';

const FOLDER = 'checkpoints';

/** Where the training of each job stands, the newest only. */
export class TrainingCheckpoints {
  constructor(private readonly store: ArtifactStore) {}

  /** Takes the place of the one before as a whole. */
  save(jobId: string, bytes: Uint8Array): Promise<void> {
    return this.store.put(`${folderOf(jobId)}/latest`, bytes);
  }

  /** Undefined when there is none. */
  async find(jobId: string): Promise<Uint8Array | undefined> {
    try {
      return await this.store.get(`${folderOf(jobId)}/latest`);
    } catch (error) {
      if (error instanceof ArtifactMissingFailure) return undefined;
      throw error;
    }
  }

  /** Also what a write that was broken off left behind. */
  async remove(jobId: string): Promise<void> {
    await this.store.remove(folderOf(jobId));
  }

  /** Jobs that have one. */
  async jobIds(): Promise<readonly string[]> {
    const keys = await this.store.list(FOLDER);
    return [...new Set(keys.flatMap((key) => key.split('/')[1] ?? []))];
  }
}

function folderOf(jobId: string): string {
  return `${FOLDER}/${jobId}`;
}
