import type { Handle } from './handle';
import type { StreamPlace } from './stream-place';
import { untrainedWindows } from './tables';

/** How many windows of a stream each partition has seen before there was a model. */
export class UntrainedWindowRepository {
  constructor(private readonly handle: Handle) {}

  async put(place: StreamPlace, windows: number): Promise<void> {
    await this.handle
      .insert(untrainedWindows)
      .values({ ...place, windows })
      .onConflictDoUpdate({
        target: [untrainedWindows.stream, untrainedWindows.source, untrainedWindows.partition],
        set: { windows },
      });
  }
}
