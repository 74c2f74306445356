import { is } from 'drizzle-orm';
import { type PgDatabase, type PgQueryResultHKT, PgTransaction } from 'drizzle-orm/pg-core';

/** Drizzle on either engine, or one of its transactions: all that a repository knows of the database. */
export type Handle = PgDatabase<PgQueryResultHKT, Record<string, never>>;

/** All of it or nothing, as a part of the transaction that the handle is in, or as one of its own. */
export function atomically<Result>(
  handle: Handle,
  work: (tx: Handle) => Promise<Result>,
): Promise<Result> {
  // A savepoint in it would be of use only to who goes on after a failure, and nobody does.
  return is(handle, PgTransaction) ? work(handle) : handle.transaction(work);
}
