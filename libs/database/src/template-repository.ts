import type { Page, PageQuery, Template } from '@logbert/contracts';
import { and, desc, eq, inArray, sql } from 'drizzle-orm';
import { atomically, type Handle } from './handle';
import { afterCursor, toPage } from './keyset';
import { storableJson } from './storable-text';
import { templates } from './tables';

export interface NovelTemplate {
  readonly id: string;
  readonly template: string;
  readonly service: string;
  /** Lines that had it; 1 when left out. */
  readonly count?: number | undefined;
}

export class TemplateRepository {
  constructor(private readonly handle: Handle) {}

  /** Adds sightings of templates that no model of the stream knows. */
  async upsertNovel(stream: string, found: readonly NovelTemplate[]): Promise<void> {
    if (found.length === 0) return;
    await this.handle.execute(sql`
      INSERT INTO templates AS known (stream, id, template, count, services, is_novel)
      SELECT ${stream}, id, template, count, services, true
      FROM ${rowsOf(merged(found))}
      ORDER BY id
      ON CONFLICT (stream, id) DO UPDATE SET
        count = known.count + excluded.count,
        services = (
          SELECT jsonb_agg(service ORDER BY service) FROM (
            SELECT jsonb_array_elements_text(known.services) AS service
            UNION SELECT jsonb_array_elements_text(excluded.services)
          ) AS all_services
        )`);
  }

  /** Puts the templates of a newly active model in place of those of the one before; novel ones that it does not know stay. */
  async replaceOfModel(
    stream: string,
    learned: readonly Omit<Template, 'isNovel'>[],
  ): Promise<void> {
    await atomically(this.handle, async (tx) => {
      await tx
        .delete(templates)
        .where(and(eq(templates.stream, stream), eq(templates.isNovel, false)));
      if (learned.length === 0) return;
      await tx.execute(sql`
        INSERT INTO templates (stream, id, template, count, services, is_novel)
        SELECT ${stream}, id, template, count, services, false
        FROM ${rowsOf(learned)}
        ORDER BY id
        ON CONFLICT (stream, id) DO UPDATE SET
          count = excluded.count, services = excluded.services, is_novel = false`);
    });
  }

  /** Most frequent first. */
  async list(filter: {
    stream: string;
    isNovel?: boolean | undefined;
    page: PageQuery;
  }): Promise<Page<Template>> {
    const { stream, isNovel, page } = filter;
    const rows = await this.handle
      .select({
        id: templates.id,
        template: templates.template,
        count: templates.count,
        services: templates.services,
        isNovel: templates.isNovel,
      })
      .from(templates)
      .where(
        and(
          eq(templates.stream, stream),
          isNovel === undefined ? undefined : eq(templates.isNovel, isNovel),
          afterCursor(page.cursor, templates.count, templates.id),
        ),
      )
      .orderBy(desc(templates.count), desc(templates.id))
      .limit(page.limit + 1);
    return toPage(
      rows,
      page.limit,
      ({ count, id }) => ({ at: count, id }),
      (template) => template,
    );
  }

  /** The texts behind the ids; an id is the hash of its text, so it does not matter of which stream. */
  async text(ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    if (ids.length === 0) return new Map();
    const rows = await this.handle
      .selectDistinctOn([templates.id], { id: templates.id, template: templates.template })
      .from(templates)
      .where(inArray(templates.id, [...new Set(ids)]))
      .orderBy(templates.id);
    return new Map(rows.map(({ id, template }) => [id, template]));
  }
}

type Row = Omit<Template, 'isNovel'>;

/** One parameter for any number of rows: a statement takes 65,535 parameters at most. */
function rowsOf(rows: readonly Row[]) {
  return sql`jsonb_to_recordset(${storableJson(rows)}::jsonb)
    AS row(id text, template text, count bigint, services jsonb)`;
}

/** One row an id: a statement may touch a row only once. */
function merged(found: readonly NovelTemplate[]): readonly Row[] {
  const byId = new Map<string, Row>();
  for (const { id, template, service, count = 1 } of found) {
    const known = byId.get(id);
    byId.set(id, {
      id,
      template,
      count: (known?.count ?? 0) + count,
      services: [...new Set([...(known?.services ?? []), service])],
    });
  }
  return [...byId.values()];
}
