import { type ArtifactStore, TrainingCheckpoints } from '@logbert/artifact-store';
import type { TrainingJob } from '@logbert/contracts';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { ARTIFACT_STORE } from '../artifacts/artifact-store.token';

/** Clears away the checkpoints of jobs that have ended; a store that is away costs only their space. */
@Injectable()
export class JobCheckpoints {
  private readonly logger = new Logger('Training');
  private readonly checkpoints: TrainingCheckpoints;

  constructor(@Inject(ARTIFACT_STORE) store: ArtifactStore) {
    this.checkpoints = new TrainingCheckpoints(store);
  }

  async remove(jobId: string): Promise<void> {
    try {
      await this.checkpoints.remove(jobId);
    } catch (error) {
      this.logger.warn(`the checkpoint of job ${jobId} remains for now: ${String(error)}`);
    }
  }

  /** Removes what ends of jobs have left behind: the store was away, or the server killed. */
  async sweep(unfinished: () => Promise<readonly TrainingJob[]>): Promise<void> {
    try {
      // In this order: a job that begins between the two is none whose checkpoint was seen.
      const kept = await this.checkpoints.jobIds();
      if (kept.length === 0) return;
      const alive = new Set((await unfinished()).map(({ id }) => id));
      for (const id of kept) if (!alive.has(id)) await this.checkpoints.remove(id);
    } catch (error) {
      this.logger.warn(`checkpoints of ended jobs remain for now: ${String(error)}`);
    }
  }
}
