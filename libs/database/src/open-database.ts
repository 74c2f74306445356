import type { Database } from './database';
import { EmbeddedDatabase } from './embedded-database';
import { PostgresDatabase } from './postgres-database';

/** Opens PostgreSQL by its URL, or the embedded engine in the directory, and brings the schema up to date. */
export function openDatabase(options: {
  readonly url: string | null;
  /** Where the embedded engine keeps its files. */
  readonly directory: string;
}): Promise<Database> {
  return options.url === null
    ? EmbeddedDatabase.open(options.directory)
    : PostgresDatabase.open(options.url);
}
