import type { Incident, Page, PageQuery } from '@logbert/contracts';
import { and, asc, desc, eq, inArray, isNotNull, lt, sql } from 'drizzle-orm';
import type { Handle } from './handle';
import { afterCursor, toPage } from './keyset';
import { grouperStates, incidents, rootCauses } from './tables';

/** A weight for each template hash. */
export type Fingerprint = Readonly<Record<string, number>>;

/** An incident as it is now; without a fingerprint the one that was kept before stays. */
export interface IncidentState {
  readonly incident: Incident;
  readonly fingerprint?: Fingerprint | undefined;
}

/** Incidents of one statement. */
const SAVE_CHUNK = 100;
/**
 * The transaction that wrote the row, whatever version of the program that was, and when: a server that crashed may give the number of a
 * transaction that was lost to another one.
 */
const REVISION = sql<string>`${grouperStates}.xmin::text || ':' || ${grouperStates.savedAt}::text`;

const PENDING_STATE = {
  revision: REVISION,
  bytes: sql<number>`coalesce(octet_length(${grouperStates.packed}), 0)`.mapWith(Number),
};

/** What is kept of a grouper. */
export interface PendingState {
  /** Another one whenever anybody has written it. */
  readonly revision: string;
  /** As it is stored, compressed. */
  readonly bytes: number;
}

export class IncidentRepository {
  constructor(private readonly handle: Handle) {}

  /** Keeps the incident as it is now; without a fingerprint the one kept before stays. */
  async save(incident: Incident, fingerprint?: Fingerprint, nowMs = Date.now()): Promise<void> {
    await this.saveAll([{ incident, fingerprint }], nowMs);
  }

  /** As `save`; none of them may be there twice. */
  async saveAll(all: readonly IncidentState[], nowMs = Date.now()): Promise<void> {
    for (let start = 0; start < all.length; start += SAVE_CHUNK) {
      const rows = all.slice(start, start + SAVE_CHUNK).map(({ incident, fingerprint }) => {
        const { id, stream, state, openedAt } = incident;
        const kept = { id, stream, state, openedAt, document: incident, savedAt: nowMs };
        // Drizzle cannot take a value without a prototype, and a fingerprint may have none.
        return fingerprint === undefined ? kept : { ...kept, fingerprint: { ...fingerprint } };
      });
      await this.handle
        .insert(incidents)
        .values(rows)
        .onConflictDoUpdate({
          target: incidents.id,
          set: {
            state: sql`excluded.state`,
            openedAt: sql`excluded.opened_at`,
            document: sql`excluded.document`,
            savedAt: sql`excluded.saved_at`,
            fingerprint: sql`coalesce(excluded.fingerprint, ${incidents.fingerprint})`,
          },
        });
    }
  }

  async find(id: string): Promise<Incident | undefined> {
    return (await this.findAll([id])).get(id);
  }

  /** Those of the ids that are kept. */
  async findAll(ids: readonly string[]): Promise<ReadonlyMap<string, Incident>> {
    if (ids.length === 0) return new Map();
    const rows = await this.handle
      .select()
      .from(incidents)
      .where(inArray(incidents.id, [...ids]));
    return new Map(rows.map((row) => [row.id, documentOf(row)]));
  }

  /** Newest first. */
  async list(filter: {
    state?: Incident['state'] | undefined;
    stream?: string | undefined;
    page: PageQuery;
  }): Promise<Page<Incident>> {
    const { state, stream, page } = filter;
    const rows = await this.handle
      .select()
      .from(incidents)
      .where(
        and(
          state === undefined ? undefined : eq(incidents.state, state),
          stream === undefined ? undefined : eq(incidents.stream, stream),
          afterCursor(page.cursor, incidents.openedAt, incidents.id),
        ),
      )
      .orderBy(desc(incidents.openedAt), desc(incidents.id))
      .limit(page.limit + 1);
    return toPage(rows, page.limit, ({ openedAt, id }) => ({ at: openedAt, id }), documentOf);
  }

  /** Open incidents, oldest first; of every stream when none is named. */
  async open(stream?: string): Promise<readonly Incident[]> {
    const rows = await this.handle
      .select()
      .from(incidents)
      .where(
        and(
          eq(incidents.state, 'open'),
          stream === undefined ? undefined : eq(incidents.stream, stream),
        ),
      )
      .orderBy(asc(incidents.openedAt), asc(incidents.id));
    return rows.map(documentOf);
  }

  /** The latest incidents of the stream with their fingerprints, newest first. */
  async recentFingerprints(
    stream: string,
    limit: number,
  ): Promise<readonly { readonly incident: Incident; readonly fingerprint: Fingerprint }[]> {
    const rows = await this.handle
      .select()
      .from(incidents)
      .where(and(eq(incidents.stream, stream), isNotNull(incidents.fingerprint)))
      .orderBy(desc(incidents.openedAt), desc(incidents.id))
      .limit(limit);
    return rows.map((row) => ({ incident: documentOf(row), fingerprint: row.fingerprint ?? {} }));
  }

  /** Forgets up to `limit` of the closed ones that nobody changed since the time, with their reports; gives how many. */
  async prune(beforeMs: number, limit: number): Promise<number> {
    return this.handle.transaction(async (tx) => {
      const old = tx
        .select({ id: incidents.id })
        .from(incidents)
        .where(and(eq(incidents.state, 'closed'), lt(incidents.savedAt, beforeMs)))
        .orderBy(asc(incidents.savedAt))
        .limit(limit);
      const gone = await tx
        .delete(incidents)
        .where(inArray(incidents.id, old))
        .returning({ id: incidents.id });
      if (gone.length === 0) return 0;
      const ids = gone.map(({ id }) => id);
      await tx.delete(rootCauses).where(inArray(rootCauses.incidentId, ids));
      return ids.length;
    });
  }

  /** What the grouper left of the stream the last time: it knows how to read it. */
  async pending(stream: string): Promise<unknown> {
    const [row] = await this.handle
      .select()
      .from(grouperStates)
      .where(eq(grouperStates.stream, stream));
    // Whoever packs it empties the other one.
    return row?.state ?? row?.packed ?? undefined;
  }

  /** What `pending` gives, without reading it; undefined before anybody has written it. */
  async pendingState(stream: string): Promise<PendingState | undefined> {
    const [row] = await this.handle
      .select(PENDING_STATE)
      .from(grouperStates)
      .where(eq(grouperStates.stream, stream));
    return row;
  }

  /** @returns what is kept by it, once the transaction is committed */
  async savePending(
    stream: string,
    state: unknown,
    nowMs: number,
  ): Promise<PendingState | undefined> {
    const [row] = await this.handle
      .insert(grouperStates)
      .values({ stream, packed: state, savedAt: nowMs })
      .onConflictDoUpdate({
        target: grouperStates.stream,
        set: { packed: state, state: null, savedAt: nowMs },
      })
      .returning(PENDING_STATE);
    return row;
  }
}

/** Documents of before verdicts became final do not know the count. */
function documentOf({ document }: { document: Incident }): Incident {
  return { ...document, retractedCount: document.retractedCount ?? 0 };
}
