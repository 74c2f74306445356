import { and, eq, isNull, lt, or } from 'drizzle-orm';
import type { Handle } from './handle';
import { outletCursors } from './tables';

const NAME = 'outlets';

/** Up to where the outbox has been published, and which process publishes it. */
export class OutletCursorRepository {
  constructor(private readonly handle: Handle) {}

  /** Id of the last event that is known to be published. */
  async position(): Promise<number> {
    const [row] = await this.handle
      .select({ eventId: outletCursors.eventId })
      .from(outletCursors)
      .where(eq(outletCursors.name, NAME));
    return row?.eventId ?? 0;
  }

  /**
   * Makes the caller the one that publishes, or lets it stay so, until a time.
   *
   * @returns the id of the last published event; undefined while another one publishes
   */
  async hold(holder: string, nowMs: number, untilMs: number): Promise<number | undefined> {
    const isFree = or(
      isNull(outletCursors.holder),
      eq(outletCursors.holder, holder),
      lt(outletCursors.heldUntil, nowMs),
    );
    const [row] = await this.handle
      .update(outletCursors)
      .set({ holder, heldUntil: untilMs })
      .where(and(eq(outletCursors.name, NAME), isFree))
      .returning({ eventId: outletCursors.eventId });
    return row?.eventId;
  }

  /** @returns false when another one has taken over meanwhile; then the cursor is where that one moves it */
  async advance(holder: string, eventId: number): Promise<boolean> {
    const rows = await this.handle
      .update(outletCursors)
      .set({ eventId })
      .where(
        and(
          eq(outletCursors.name, NAME),
          eq(outletCursors.holder, holder),
          lt(outletCursors.eventId, eventId),
        ),
      )
      .returning({ eventId: outletCursors.eventId });
    return rows.length > 0;
  }

  /** Lets another one publish at once. */
  async yield(holder: string): Promise<void> {
    await this.handle
      .update(outletCursors)
      .set({ holder: null, heldUntil: 0 })
      .where(and(eq(outletCursors.name, NAME), eq(outletCursors.holder, holder)));
  }
}
