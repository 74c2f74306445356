import type { Model, Page, PageQuery } from '@logbert/contracts';
import { and, asc, desc, eq, isNotNull, lt, sql } from 'drizzle-orm';
import { holdLock } from './advisory-lock';
import { ModelMissingFailure } from './database-failures';
import { atomically, type Handle } from './handle';
import { afterCursor, toPage } from './keyset';
import { models, workloadChanges } from './tables';

export type NewModel = Pick<Model, 'id' | 'stream' | 'jobId' | 'metrics' | 'createdAt'>;

export class ModelRepository {
  constructor(private readonly handle: Handle) {}

  /** Gives the model the next version of its stream; it is not yet active. */
  async register({ id, stream, jobId, metrics, createdAt }: NewModel): Promise<Model> {
    return atomically(this.handle, async (tx) => {
      await holdLock(tx, 'stream', stream);
      const [row] = await tx
        .insert(models)
        .values({
          id,
          stream,
          version: sql`(SELECT coalesce(max(version), 0) + 1 FROM models WHERE stream = ${stream})`,
          isActive: false,
          jobId,
          metrics,
          createdAt,
        })
        .returning();
      return registered(row, id);
    });
  }

  async find(id: string): Promise<Model | undefined> {
    const [model] = await this.handle.select().from(models).where(eq(models.id, id));
    return model;
  }

  /** Newest first. */
  async list(filter: { stream?: string | undefined; page: PageQuery }): Promise<Page<Model>> {
    const { stream, page } = filter;
    const rows = await this.handle
      .select()
      .from(models)
      .where(
        and(
          stream === undefined ? undefined : eq(models.stream, stream),
          afterCursor(page.cursor, models.createdAt, models.id),
        ),
      )
      .orderBy(desc(models.createdAt), desc(models.id))
      .limit(page.limit + 1);
    return toPage(
      rows,
      page.limit,
      ({ createdAt, id }) => ({ at: createdAt, id }),
      (model) => model,
    );
  }

  /** The model that scores the stream. */
  async active(stream: string): Promise<Model | undefined> {
    const [model] = await this.handle
      .select()
      .from(models)
      .where(and(eq(models.stream, stream), eq(models.isActive, true)));
    return model;
  }

  async activeAll(): Promise<readonly Model[]> {
    return this.handle
      .select()
      .from(models)
      .where(eq(models.isActive, true))
      .orderBy(asc(models.stream));
  }

  /** Makes the model the one that scores its stream. */
  async promote(id: string, nowMs: number): Promise<Model> {
    return atomically(this.handle, async (tx) => {
      const [found] = await tx.select().from(models).where(eq(models.id, id));
      if (found === undefined) throw new ModelMissingFailure(id);
      await holdLock(tx, 'stream', found.stream);
      await tx
        .update(models)
        .set({ isActive: false })
        .where(and(eq(models.stream, found.stream), eq(models.isActive, true)));
      return activate(tx, id, { promotedAt: nowMs });
    });
  }

  /** The model that scored the stream before the active one was promoted. */
  async previous(stream: string): Promise<Model | undefined> {
    return previousOf(this.handle, await this.active(stream));
  }

  /**
   * Takes the active model's promotion back, so that the one before it scores again and a second
   * rollback goes one further; `undefined` when there is none before it.
   */
  async rollback(stream: string): Promise<Model | undefined> {
    return atomically(this.handle, async (tx) => {
      await holdLock(tx, 'stream', stream);
      const active = await new ModelRepository(tx).active(stream);
      const previous = await previousOf(tx, active);
      if (active === undefined || previous === undefined) return undefined;
      await tx
        .update(models)
        .set({ isActive: false, promotedAt: null })
        .where(eq(models.id, active.id));
      return activate(tx, previous.id, {});
    });
  }
}

async function previousOf(handle: Handle, active: Model | undefined): Promise<Model | undefined> {
  if (active === undefined || active.promotedAt === null) return undefined;
  const [model] = await handle
    .select()
    .from(models)
    .where(
      and(
        eq(models.stream, active.stream),
        isNotNull(models.promotedAt),
        lt(models.promotedAt, active.promotedAt),
      ),
    )
    .orderBy(desc(models.promotedAt), desc(models.version))
    .limit(1);
  return model;
}

async function activate(tx: Handle, id: string, set: { promotedAt?: number }): Promise<Model> {
  const [row] = await tx
    .update(models)
    .set({ isActive: true, ...set })
    .where(eq(models.id, id))
    .returning();
  const model = registered(row, id);
  // What was said of the model before; a partition that has fallen silent does not take it back itself.
  await tx.delete(workloadChanges).where(eq(workloadChanges.stream, model.stream));
  return model;
}

function registered(model: Model | undefined, id: string): Model {
  if (model === undefined) throw new ModelMissingFailure(id);
  return model;
}
