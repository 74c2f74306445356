import { TEMPLATE_BUCKET_MS, type TemplateCount } from '@logbert/contracts';
import { and, asc, eq, gte, lt, lte, sql } from 'drizzle-orm';
import { atomically, type Handle } from './handle';
import { storableJson } from './storable-text';
import { templateCountPositions, templateCounts } from './tables';

/** Lines of one stream in one partition, those with offsets in `[fromOffset, nextOffset)`. */
export interface CountedLines {
  readonly source: string;
  readonly partition: number;
  readonly stream: string;
  readonly fromOffset: number;
  readonly nextOffset: number;
}

export interface CountsQuery {
  readonly stream: string;
  /** Null for lines that came before there was a model. */
  readonly modelId: string | null;
  /** Event time, epoch milliseconds. */
  readonly fromMs: number;
  readonly toMs: number;
}

export class TemplateCountRepository {
  constructor(private readonly handle: Handle) {}

  /** Up to where the lines of each stream of the partition have been counted. */
  async positions(source: string, partition: number): Promise<ReadonlyMap<string, number>> {
    const { stream, nextOffset } = templateCountPositions;
    const rows = await this.handle
      .select({ stream, nextOffset })
      .from(templateCountPositions)
      .where(
        and(
          eq(templateCountPositions.source, source),
          eq(templateCountPositions.partition, partition),
        ),
      );
    return new Map(rows.map((row) => [row.stream, row.nextOffset]));
  }

  /**
   * As `add`, in one transaction with the position, so that lines that come again are not counted again.
   *
   * @returns false when some of the lines have been counted before; then nothing was added. Between owners of a partition the
   * fence of `PartitionOwnerRepository` keeps that from happening
   */
  async addOnce(
    counts: readonly TemplateCount[],
    { source, partition, stream, fromOffset, nextOffset }: CountedLines,
    nowMs: number,
  ): Promise<boolean> {
    const changing = { nextOffset, savedAt: nowMs };
    return atomically(this.handle, async (tx) => {
      const rows = await tx
        .insert(templateCountPositions)
        .values({ source, partition, stream, ...changing })
        .onConflictDoUpdate({
          target: [
            templateCountPositions.source,
            templateCountPositions.partition,
            templateCountPositions.stream,
          ],
          set: changing,
          setWhere: lte(templateCountPositions.nextOffset, fromOffset),
        })
        .returning({ partition: templateCountPositions.partition });
      if (rows.length === 0) return false;
      await new TemplateCountRepository(tx).add(counts);
      return true;
    });
  }

  /** For a partition whose offsets begin anew. */
  async forgetPositions(source: string, partition: number): Promise<void> {
    await this.handle
      .delete(templateCountPositions)
      .where(
        and(
          eq(templateCountPositions.source, source),
          eq(templateCountPositions.partition, partition),
        ),
      );
  }

  /** Adds to the counts kept before, all in one statement. */
  async add(counts: readonly TemplateCount[]): Promise<void> {
    if (counts.length === 0) return;
    // Summed, because a statement may touch a row only once; sorted, so that two never deadlock.
    await this.handle.execute(sql`
      INSERT INTO template_counts AS known (stream, bucket_ms, model_id, service, template_id, count)
      SELECT stream, "bucketMs", coalesce("modelId", ''), service, "templateId", sum(count)
      FROM jsonb_to_recordset(${storableJson(counts)}::jsonb)
        AS row(stream text, service text, "templateId" text, "modelId" text, "bucketMs" bigint, count bigint)
      GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
      ON CONFLICT (stream, bucket_ms, model_id, service, template_id)
        DO UPDATE SET count = known.count + excluded.count`);
  }

  /**
   * Sums by service and template over the buckets that begin in `[fromMs, toMs)`, of the lines that the model named;
   * `bucketMs` is `fromMs`.
   */
  async between(span: CountsQuery): Promise<readonly TemplateCount[]> {
    const { stream, modelId, fromMs } = span;
    const rows = await this.handle
      .select({
        service: templateCounts.service,
        templateId: templateCounts.templateId,
        count: sql<number>`sum(${templateCounts.count})`.mapWith(Number),
      })
      .from(templateCounts)
      .where(inSpan(span))
      .groupBy(templateCounts.service, templateCounts.templateId)
      .orderBy(templateCounts.service, templateCounts.templateId);
    return rows.map((row) => ({ stream, modelId, bucketMs: fromMs, ...row }));
  }

  /** Lines of the stream that are counted, by the model that named them; those that came before there was one by null. */
  async linesByModel(stream: string): Promise<ReadonlyMap<string | null, number>> {
    const { modelId, count } = templateCounts;
    const rows = await this.handle
      .select({ modelId, lines: sql<number>`sum(${count})`.mapWith(Number) })
      .from(templateCounts)
      .where(eq(templateCounts.stream, stream))
      .groupBy(modelId);
    return new Map(rows.map((row) => [row.modelId === '' ? null : row.modelId, row.lines]));
  }

  /** Milliseconds of event time that about so many of the last lines took, or all that are counted; 0 where none is. */
  async spanOfLast(stream: string, lines: number): Promise<number> {
    const { bucketMs, count } = templateCounts;
    const totals = this.handle
      .select({
        bucketMs,
        total: sql<number>`sum(sum(${count})) OVER (ORDER BY ${bucketMs} DESC)`.as('total'),
      })
      .from(templateCounts)
      .where(eq(templateCounts.stream, stream))
      .groupBy(bucketMs)
      .as('totals');
    const [row] = await this.handle
      .select({
        reached: sql<
          number | null
        >`max(${totals.bucketMs}) FILTER (WHERE ${totals.total} >= ${lines})`,
        first: sql<number | null>`min(${totals.bucketMs})`,
        last: sql<number | null>`max(${totals.bucketMs})`,
      })
      .from(totals);
    const { reached, first, last } = row ?? { reached: null, first: null, last: null };
    if (last === null) return 0;
    return Number(last) - Number(reached ?? first) + TEMPLATE_BUCKET_MS;
  }

  /** Beginning of the first bucket in `[fromMs, toMs)` with a line that the model named. */
  async firstBucket(span: CountsQuery): Promise<number | undefined> {
    const [row] = await this.handle
      .select({ bucketMs: templateCounts.bucketMs })
      .from(templateCounts)
      .where(inSpan(span))
      .orderBy(asc(templateCounts.bucketMs))
      .limit(1);
    return row?.bucketMs;
  }

  /** Forgets the buckets that begin before the time. */
  async prune(beforeMs: number): Promise<void> {
    await this.handle.delete(templateCounts).where(lt(templateCounts.bucketMs, beforeMs));
  }

  /** Forgets the positions of partitions in which nothing happened since the time. */
  async prunePositions(beforeMs: number): Promise<void> {
    await this.handle
      .delete(templateCountPositions)
      .where(lt(templateCountPositions.savedAt, beforeMs));
  }
}

function inSpan({ stream, modelId, fromMs, toMs }: CountsQuery) {
  return and(
    eq(templateCounts.stream, stream),
    eq(templateCounts.modelId, modelId ?? ''),
    gte(templateCounts.bucketMs, fromMs),
    lt(templateCounts.bucketMs, toMs),
  );
}
