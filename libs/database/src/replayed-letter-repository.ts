import { and, eq, inArray, lt } from 'drizzle-orm';
import type { Handle } from './handle';
import { replayedLetters } from './tables';

/** Place of a dead letter in its partition. */
export interface LetterPlace {
  readonly partition: number;
  readonly offset: number;
}

/** Which dead letters were sent again, and when. */
export class ReplayedLetterRepository {
  constructor(private readonly handle: Handle) {}

  async add(source: string, places: readonly LetterPlace[], nowMs: number): Promise<void> {
    if (places.length === 0) return;
    await this.handle
      .insert(replayedLetters)
      .values(places.map((place) => ({ source, ...place, replayedAt: nowMs })))
      .onConflictDoUpdate({
        target: [replayedLetters.source, replayedLetters.partition, replayedLetters.offset],
        set: { replayedAt: nowMs },
      });
  }

  /** Epoch milliseconds at which each was sent again, by `partition/offset`; those that never were are left out. */
  async times(
    source: string,
    places: readonly LetterPlace[],
  ): Promise<ReadonlyMap<string, number>> {
    const offsets = [...new Set(places.map(({ offset }) => offset))];
    if (offsets.length === 0) return new Map();
    const rows = await this.handle
      .select()
      .from(replayedLetters)
      .where(and(eq(replayedLetters.source, source), inArray(replayedLetters.offset, offsets)));
    return new Map(
      rows.map(({ partition, offset, replayedAt }) => [`${partition}/${offset}`, replayedAt]),
    );
  }

  async prune(beforeMs: number): Promise<void> {
    await this.handle.delete(replayedLetters).where(lt(replayedLetters.replayedAt, beforeMs));
  }
}
