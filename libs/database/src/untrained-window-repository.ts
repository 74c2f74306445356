import type { Handle } from './handle';
import type { QuarantinePlace } from './quarantine-repository';
import { untrainedWindows } from './tables';

/** How many windows of a stream each partition has seen before there was a model. */
export class UntrainedWindowRepository {
  constructor(private readonly handle: Handle) {}

  async put(place: QuarantinePlace, windows: number): Promise<void> {
    await this.handle
      .insert(untrainedWindows)
      .values({ ...place, windows })
      .onConflictDoUpdate({
        target: [untrainedWindows.stream, untrainedWindows.source, untrainedWindows.partition],
        set: { windows },
      });
  }
}
