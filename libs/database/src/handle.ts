import { is } from 'drizzle-orm';
import { type PgDatabase, type PgQueryResultHKT, PgTransaction } from 'drizzle-orm/pg-core';

/** Drizzle on either engine, or one of its transactions: all that a repository knows of the database. */
export type Handle = PgDatabase<PgQueryResultHKT, Record<string, never>>;

/**
 * All of it or nothing, as a part of the transaction that the handle is in, or as one of its own.
 *
 * Within a transaction a failure of `work` must fail all of that, since there is no savepoint to go back to.
 */
export function atomically<Result>(
  handle: Handle,
  work: (tx: Handle) => Promise<Result>,
): Promise<Result> {
  return is(handle, PgTransaction) ? work(handle) : handle.transaction(work);
}
