import type { TemplateCount } from '@logbert/contracts';
import { and, eq, gte, lt, sql } from 'drizzle-orm';
import type { Handle } from './handle';
import { storableJson } from './storable-text';
import { templateCounts } from './tables';

export class TemplateCountRepository {
  constructor(private readonly handle: Handle) {}

  /** Adds to the counts kept before, all in one statement. */
  async add(counts: readonly TemplateCount[]): Promise<void> {
    if (counts.length === 0) return;
    // Summed, because a statement may touch a row only once; sorted, so that two never deadlock.
    await this.handle.execute(sql`
      INSERT INTO template_counts AS known (stream, bucket_ms, service, template_id, count)
      SELECT stream, "bucketMs", service, "templateId", sum(count)
      FROM jsonb_to_recordset(${storableJson(counts)}::jsonb)
        AS row(stream text, service text, "templateId" text, "bucketMs" bigint, count bigint)
      GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
      ON CONFLICT (stream, bucket_ms, service, template_id)
        DO UPDATE SET count = known.count + excluded.count`);
  }

  /** Sums by service and template over the buckets that begin in `[fromMs, toMs)`; `bucketMs` is `fromMs`. */
  async between(stream: string, fromMs: number, toMs: number): Promise<readonly TemplateCount[]> {
    const rows = await this.handle
      .select({
        service: templateCounts.service,
        templateId: templateCounts.templateId,
        count: sql<number>`sum(${templateCounts.count})`.mapWith(Number),
      })
      .from(templateCounts)
      .where(
        and(
          eq(templateCounts.stream, stream),
          gte(templateCounts.bucketMs, fromMs),
          lt(templateCounts.bucketMs, toMs),
        ),
      )
      .groupBy(templateCounts.service, templateCounts.templateId)
      .orderBy(templateCounts.service, templateCounts.templateId);
    return rows.map((row) => ({ stream, bucketMs: fromMs, ...row }));
  }

  /** Forgets the buckets that begin before the time. */
  async prune(beforeMs: number): Promise<void> {
    await this.handle.delete(templateCounts).where(lt(templateCounts.bucketMs, beforeMs));
  }
}
