import type { LiveEvent } from '@logbert/contracts';
import { and, asc, desc, gt, inArray, lt, lte, sql } from 'drizzle-orm';
import { holdLock } from './advisory-lock';
import { atomically, type Handle } from './handle';
import { events } from './tables';

export const EVENTS_CHANNEL = 'logbert_events';

/** Events of one insert. */
const INSERT_CHUNK = 500;

export interface StoredEvent {
  readonly id: number;
  readonly event: LiveEvent;
}

/** The outbox: what a transaction announces becomes visible with what it did. */
export class EventRepository {
  constructor(private readonly handle: Handle) {}

  /**
   * Gives the event the next id. Holds a lock to the end of the transaction, so that ids become
   * visible in their order and a reader that goes on after one misses none: let it be the last
   * thing that a transaction does.
   */
  async append(event: LiveEvent, nowMs = Date.now()): Promise<number> {
    return this.appendAll([event], nowMs);
  }

  /** As `append`, with ids in the order of the events and one notification for all; gives the last id, 0 without an event. */
  async appendAll(all: readonly LiveEvent[], nowMs = Date.now()): Promise<number> {
    if (all.length === 0) return 0;
    return atomically(this.handle, async (tx) => {
      await holdLock(tx, 'events', EVENTS_CHANNEL);
      let id = 0;
      for (let start = 0; start < all.length; start += INSERT_CHUNK) {
        const rows = await tx
          .insert(events)
          .values(
            all.slice(start, start + INSERT_CHUNK).map((event) => ({ event, createdAt: nowMs })),
          )
          .returning({ id: events.id });
        id = Math.max(id, ...rows.map((row) => row.id));
      }
      await tx.execute(sql`SELECT pg_notify(${EVENTS_CHANNEL}, ${String(id)})`);
      return id;
    });
  }

  /** What came after the id, oldest first. */
  async after(id: number, limit: number): Promise<readonly StoredEvent[]> {
    return this.handle
      .select({ id: events.id, event: events.event })
      .from(events)
      .where(gt(events.id, id))
      .orderBy(asc(events.id))
      .limit(limit);
  }

  /** 0 before the first event. */
  async latestId(): Promise<number> {
    const [row] = await this.handle
      .select({ id: events.id })
      .from(events)
      .orderBy(desc(events.id))
      .limit(1);
    return row?.id ?? 0;
  }

  /** Forgets up to `limit` events of before the time, none with an id above `upToId`; gives how many. */
  async prune(beforeMs: number, upToId: number, limit: number): Promise<number> {
    const old = this.handle
      .select({ id: events.id })
      .from(events)
      .where(and(lt(events.createdAt, beforeMs), lte(events.id, upToId)))
      .orderBy(asc(events.id))
      .limit(limit);
    const gone = await this.handle
      .delete(events)
      .where(inArray(events.id, old))
      .returning({ id: events.id });
    return gone.length;
  }
}
