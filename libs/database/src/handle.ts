import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';

/** Drizzle on either engine, or one of its transactions: all that a repository knows of the database. */
export type Handle = PgDatabase<PgQueryResultHKT, Record<string, never>>;
