import type { TrainingCheckpoints } from '@logbert/artifact-store';
import {
  CheckpointFailure,
  parseCheckpoint,
  serialiseCheckpoint,
  type TrainingCheckpoint,
  type TrainingFingerprint,
} from '@logbert/logbert';
import { keepTrying, type Patience } from './keep-trying';

/** A checkpoint to go on from, or why there is none. */
export type FoundCheckpoint =
  | { readonly checkpoint: TrainingCheckpoint }
  | { readonly checkpoint?: undefined; readonly refusal: string };

/**
 * Keeps the newest checkpoint of a job beside its training, which neither waits for the store nor fails with it: one is
 * written at a time, and of those that come meanwhile the newest is next.
 */
export class CheckpointKeeper {
  private newest: TrainingCheckpoint | undefined;
  private writing: Promise<void> | undefined;
  private isFailing = false;

  constructor(
    private readonly checkpoints: TrainingCheckpoints,
    private readonly jobId: string,
    /** Told when the store fails, and when it is back. */
    private readonly tell: (notice: string) => void,
  ) {}

  keep(checkpoint: TrainingCheckpoint): void {
    this.newest = checkpoint;
    this.writing ??= this.write().finally(() => (this.writing = undefined));
  }

  /** Resolves when nothing is left to write. */
  async settled(): Promise<void> {
    while (this.writing) await this.writing;
  }

  /** Never fails: training then begins anew, but not for want of patience with a store that is away. */
  async find(fingerprint: TrainingFingerprint, patience: Patience): Promise<FoundCheckpoint> {
    try {
      const read = () => this.checkpoints.find(this.jobId);
      const bytes = await keepTrying('reading the checkpoint', read, patience);
      if (!bytes) return { refusal: 'no checkpoint was kept' };
      return { checkpoint: await parseCheckpoint(bytes, fingerprint) };
    } catch (error) {
      if (error instanceof CheckpointFailure) {
        return { refusal: `the checkpoint does not fit: ${error.reason}` };
      }
      return { refusal: `the checkpoint could not be read: ${reasonOf(error)}` };
    }
  }

  private async write(): Promise<void> {
    while (this.newest) {
      const checkpoint = this.newest;
      this.newest = undefined;
      try {
        await this.checkpoints.save(this.jobId, await serialiseCheckpoint(checkpoint));
        if (this.isFailing) this.tell('checkpoints are kept again');
        this.isFailing = false;
      } catch (error) {
        if (!this.isFailing) {
          this.tell(
            `the checkpoint of epoch ${checkpoint.history.length} was not kept, training goes on: ${reasonOf(error)}`,
          );
        }
        this.isFailing = true;
      }
    }
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
