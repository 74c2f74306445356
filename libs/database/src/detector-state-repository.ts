import { and, eq, lt, lte, sql } from 'drizzle-orm';
import type { Handle } from './handle';
import { detectorStates } from './tables';

/** What the detectors of a partition knew when every record below an offset had been taken in and written. */
export interface DetectorState {
  readonly source: string;
  readonly partition: number;
  readonly nextOffset: number;
  /** From where the records must come again when the state cannot be used. */
  readonly lowWatermark: number;
  /** The streams that the state speaks of. */
  readonly streams: readonly string[];
  /** Only its writer knows how to read it; null when there was too much to keep. */
  readonly state: Uint8Array | null;
}

export interface KeptDetectorState extends DetectorState {
  /** Epoch milliseconds. */
  readonly savedAt: number;
}

export class DetectorStateRepository {
  constructor(private readonly handle: Handle) {}

  async find(source: string, partition: number): Promise<KeptDetectorState | undefined> {
    const { nextOffset, lowWatermark, streams, state, savedAt } = detectorStates;
    const [row] = await this.handle
      .select({ nextOffset, lowWatermark, streams, state, savedAt })
      .from(detectorStates)
      .where(and(eq(detectorStates.source, source), eq(detectorStates.partition, partition)));
    return row && { source, partition, ...row };
  }

  /**
   * Replaces the partition's state, unless that is of a later offset: a former owner that is late must not undo what
   * the present one has done.
   *
   * @returns whether it was replaced
   */
  async save({ source, partition, ...state }: DetectorState, nowMs: number): Promise<boolean> {
    const changing = { ...state, savedAt: nowMs };
    const rows = await this.handle
      .insert(detectorStates)
      .values({ source, partition, ...changing })
      .onConflictDoUpdate({
        target: [detectorStates.source, detectorStates.partition],
        set: changing,
        setWhere: lte(detectorStates.nextOffset, state.nextOffset),
      })
      .returning({ partition: detectorStates.partition });
    return rows.length > 0;
  }

  /** For a state that cannot be used, and a partition whose offsets begin anew. */
  async remove(source: string, partition: number): Promise<void> {
    await this.handle
      .delete(detectorStates)
      .where(and(eq(detectorStates.source, source), eq(detectorStates.partition, partition)));
  }

  /** Bytes that the states take on disk, with what is no longer used of them. */
  async bytes(): Promise<number> {
    const size = sql<number>`pg_total_relation_size('detector_states')`.mapWith(Number);
    const [row] = await this.handle.select({ size }).from(sql`(SELECT 1) AS one`);
    return row?.size ?? 0;
  }

  /** Forgets the partitions in which nothing happened since the time. */
  async prune(beforeMs: number): Promise<void> {
    await this.handle.delete(detectorStates).where(lt(detectorStates.savedAt, beforeMs));
  }
}
