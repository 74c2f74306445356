import { sql } from 'drizzle-orm';
import { epochMs } from './columns';
import { pgTable, text } from 'drizzle-orm/pg-core';
import { holdLock } from './advisory-lock';
import type { Handle } from './handle';
import { MIGRATIONS } from './migrations';

const applied = pgTable('logbert_migrations', {
  id: text('id').primaryKey(),
  appliedAt: epochMs('applied_at').notNull(),
});

/** Brings the schema up to date; several processes may start at once. */
export async function migrate(handle: Handle, nowMs: number): Promise<void> {
  await handle.transaction(async (tx) => {
    await holdLock(tx, 'migration', 'logbert');
    await tx.execute(sql`CREATE TABLE IF NOT EXISTS logbert_migrations (
      id text PRIMARY KEY, applied_at bigint NOT NULL)`);
    const known = new Set((await tx.select({ id: applied.id }).from(applied)).map(({ id }) => id));
    for (const { id, statements } of MIGRATIONS) {
      if (known.has(id)) continue;
      for (const statement of statements) await tx.execute(sql.raw(statement));
      await tx.insert(applied).values({ id, appliedAt: nowMs });
    }
  });
}
