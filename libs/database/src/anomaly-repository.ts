import type {
  Anomaly,
  AnomalyHead,
  AnomalyState,
  Page,
  PageQuery,
  VerdictState,
} from '@logbert/contracts';
import { and, asc, count, desc, eq, gte, inArray, lt, sql } from 'drizzle-orm';
import { AnomalyText, documentOf } from './anomaly-document';
import {
  anomalyOf,
  assignmentRows,
  head,
  headOf,
  type Settlement,
  settlementRows,
  windowRows,
} from './anomaly-rows';
import type { Handle } from './handle';
import { afterCursor, toPage } from './keyset';
import { anomalies, feedback } from './tables';

/** Times are those of the first line of the window, event time, end exclusive. */
export interface AnomalyFilter {
  readonly stream?: string | undefined;
  readonly incidentId?: string | undefined;
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  /** Whether the session still took lines when it was looked at last. */
  readonly state?: AnomalyState | undefined;
  /** Those with one of these verdicts. */
  readonly verdicts?: readonly VerdictState[] | undefined;
}

/** Anomalies of one stream in one interval of a timeline. */
export interface TimelinePoint {
  readonly stream: string;
  /** Epoch milliseconds of the beginning of the interval. */
  readonly at: number;
  readonly count: number;
}

/** Documents of one insert; an anomaly with its context may be some hundred kilobytes. */
const INSERT_CHUNK = 100;

const whole = { packed: anomalies.packed, document: anomalies.document, ...head };

export class AnomalyRepository {
  constructor(private readonly handle: Handle) {}

  /**
   * Keeps what is not yet kept and gives back only that: a window scored again changes nothing. Of an anomaly that comes
   * several times the first is kept.
   */
  async record(found: readonly Anomaly[], nowMs = Date.now()): Promise<readonly Anomaly[]> {
    const ids = new Set<string>();
    const unique = found.filter(({ id }) => !ids.has(id) && ids.add(id));
    const inserted = new Set<string>();
    for (let start = 0; start < unique.length; start += INSERT_CHUNK) {
      const rows = await this.handle
        .insert(anomalies)
        .values(unique.slice(start, start + INSERT_CHUNK).map((anomaly) => rowOf(anomaly, nowMs)))
        .onConflictDoNothing({ target: anomalies.id })
        .returning({ id: anomalies.id });
      for (const { id } of rows) inserted.add(id);
    }
    return unique.filter(({ id }) => inserted.has(id));
  }

  /**
   * Puts the whole window in the place of what was kept while its session was open, and gives back the anomalies that this
   * changed. Of one that is closed already nothing changes; of one that comes several times the first counts.
   */
  async close(found: readonly Anomaly[]): Promise<readonly AnomalyHead[]> {
    const whole = new Map<string, Anomaly>();
    for (const anomaly of found) {
      const isOfOpen = anomaly.state === 'closed' && anomaly.early !== null;
      if (isOfOpen && !whole.has(anomaly.id)) whole.set(anomaly.id, anomaly);
    }
    const ids = [...whole.keys()];
    const closed = new Map<string, AnomalyHead>();
    for (let start = 0; start < ids.length; start += INSERT_CHUNK) {
      const some = ids.slice(start, start + INSERT_CHUNK).flatMap((id) => whole.get(id) ?? []);
      const rows = await this.handle
        .update(anomalies)
        .set({
          firstAt: sql`whole.first_at`,
          lastAt: sql`whole.last_at`,
          pValue: sql`whole.p_value`,
          decidingChannel: sql`whole.deciding_channel`,
          services: sql`whole.services`,
          state: 'closed',
          packed: sql`whole.packed`,
          document: null,
        })
        .from(windowRows(some))
        .where(and(eq(anomalies.id, sql`whole.id`), eq(anomalies.state, 'open')))
        .returning(head);
      for (const row of rows) closed.set(row.id, headOf(row));
    }
    return ids.flatMap((id) => closed.get(id) ?? []);
  }

  /**
   * Keeps final verdicts and gives back the anomalies that they changed, in the order of the settlements. The first word is
   * the last: of an anomaly that is settled already, or not kept any more, nothing changes.
   */
  async settle(settlements: readonly Settlement[]): Promise<readonly AnomalyHead[]> {
    if (settlements.length === 0) return [];
    const unique = new Map<string, Settlement>();
    for (const one of settlements) if (!unique.has(one.anomalyId)) unique.set(one.anomalyId, one);
    const rows = await this.handle
      .update(anomalies)
      .set({
        verdict: sql`final.state`,
        settledAt: sql`final."settledAt"`,
        settledPValue: sql`final."pValue"`,
      })
      .from(settlementRows([...unique.values()]))
      .where(and(eq(anomalies.id, sql`final.id`), eq(anomalies.verdict, 'immediate')))
      .returning(head);
    const changed = new Map(rows.map((row) => [row.id, headOf(row)]));
    return [...unique.keys()].flatMap((id) => changed.get(id) ?? []);
  }

  /** How many anomalies of each incident were taken back; without those that have none. */
  async retractedOf(incidentIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    if (incidentIds.length === 0) return new Map();
    const rows = await this.handle
      .select({ incidentId: anomalies.incidentId, count: count() })
      .from(anomalies)
      .where(
        and(inArray(anomalies.incidentId, [...incidentIds]), eq(anomalies.verdict, 'retracted')),
      )
      .groupBy(anomalies.incidentId);
    return new Map(rows.map((row) => [row.incidentId ?? '', row.count]));
  }

  /** @param incidentOf the incident of each anomaly, by their ids */
  async assignIncidents(incidentOf: ReadonlyMap<string, string>): Promise<void> {
    if (incidentOf.size === 0) return;
    await this.handle
      .update(anomalies)
      .set({ incidentId: sql`assigned.incident` })
      .from(assignmentRows(incidentOf))
      .where(eq(anomalies.id, sql`assigned.id`));
  }

  async find(id: string): Promise<Anomaly | undefined> {
    const [row] = await this.handle.select(whole).from(anomalies).where(eq(anomalies.id, id));
    return row === undefined ? undefined : anomalyOf(row);
  }

  /** Those of the ids that are kept, unread. */
  async findTexts(ids: readonly string[]): Promise<ReadonlyMap<string, AnomalyText>> {
    if (ids.length === 0) return new Map();
    const rows = await this.handle
      .select({
        id: anomalies.id,
        packed: sql<Uint8Array | null>`${anomalies.packed}`,
        document: anomalies.document,
        incidentId: anomalies.incidentId,
      })
      .from(anomalies)
      .where(inArray(anomalies.id, [...ids]));
    return new Map(rows.map((row) => [row.id, AnomalyText.of(row)]));
  }

  /** Newest first. */
  async list(filter: AnomalyFilter & { page: PageQuery }): Promise<Page<Anomaly>> {
    const { page } = filter;
    const rows = await this.handle
      .select(whole)
      .from(anomalies)
      .where(and(...matching(filter), afterCursor(page.cursor, anomalies.firstAt, anomalies.id)))
      .orderBy(desc(anomalies.firstAt), desc(anomalies.id))
      .limit(page.limit + 1);
    return toPage(rows, page.limit, positionOf, anomalyOf);
  }

  /** As `list`, without opening the documents. */
  async listHeads(filter: AnomalyFilter & { page: PageQuery }): Promise<Page<AnomalyHead>> {
    const { page } = filter;
    const rows = await this.handle
      .select(head)
      .from(anomalies)
      .where(and(...matching(filter), afterCursor(page.cursor, anomalies.firstAt, anomalies.id)))
      .orderBy(desc(anomalies.firstAt), desc(anomalies.id))
      .limit(page.limit + 1);
    return toPage(rows, page.limit, positionOf, headOf);
  }

  /** The anomalies of an incident in the order of time. */
  async ofIncident(incidentId: string, limit: number): Promise<readonly Anomaly[]> {
    const rows = await this.handle
      .select(whole)
      .from(anomalies)
      .where(eq(anomalies.incidentId, incidentId))
      .orderBy(asc(anomalies.firstAt), asc(anomalies.id))
      .limit(limit);
    return rows.map(anomalyOf);
  }

  /** Forgets up to `limit` of those that were recorded before the time, with their feedback; gives how many. */
  async prune(beforeMs: number, limit: number): Promise<number> {
    return this.handle.transaction(async (tx) => {
      const old = tx
        .select({ id: anomalies.id })
        .from(anomalies)
        .where(lt(anomalies.recordedAt, beforeMs))
        .orderBy(asc(anomalies.recordedAt))
        .limit(limit);
      const gone = await tx
        .delete(anomalies)
        .where(inArray(anomalies.id, old))
        .returning({ id: anomalies.id });
      if (gone.length === 0) return 0;
      const ids = gone.map(({ id }) => id);
      await tx.delete(feedback).where(inArray(feedback.anomalyId, ids));
      return ids.length;
    });
  }

  /** How many began in each interval; intervals without one are left out. */
  async timeline(query: {
    stream?: string | undefined;
    fromMs: number;
    toMs: number;
    bucketMs: number;
  }): Promise<readonly TimelinePoint[]> {
    // Floor, not `%`: events before 1970 belong to the interval below. Inlined, so that
    // the expression in GROUP BY is the same one.
    const width = sql.raw(String(Math.max(1, Math.trunc(query.bucketMs))));
    const at = sql<number>`(floor(${anomalies.firstAt}::numeric / ${width}) * ${width})::bigint`;
    return this.handle
      .select({
        stream: anomalies.stream,
        at: at.mapWith(Number),
        count: sql<number>`count(*)`.mapWith(Number),
      })
      .from(anomalies)
      .where(and(...matching(query)))
      .groupBy(anomalies.stream, at)
      .orderBy(at, anomalies.stream);
  }
}

function matching({ stream, incidentId, fromMs, toMs, state, verdicts }: AnomalyFilter) {
  return [
    stream === undefined ? undefined : eq(anomalies.stream, stream),
    incidentId === undefined ? undefined : eq(anomalies.incidentId, incidentId),
    fromMs === undefined ? undefined : gte(anomalies.firstAt, fromMs),
    toMs === undefined ? undefined : lt(anomalies.firstAt, toMs),
    state === undefined ? undefined : eq(anomalies.state, state),
    verdicts === undefined ? undefined : inArray(anomalies.verdict, [...verdicts]),
  ];
}

function positionOf({ firstAt, id }: { firstAt: number; id: string }) {
  return { at: firstAt, id };
}

function rowOf(anomaly: Anomaly, recordedAt: number): typeof anomalies.$inferInsert {
  const { id, stream, incidentId, windowKey, firstAt, lastAt, pValue, decidingChannel } = anomaly;
  const { services, state } = anomaly;
  return {
    id,
    stream,
    incidentId,
    windowKey,
    firstAt,
    lastAt,
    pValue,
    decidingChannel,
    services,
    state,
    packed: documentOf(anomaly),
    recordedAt,
  };
}
