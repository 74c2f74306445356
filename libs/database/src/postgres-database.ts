import { Pool } from 'pg';
import type { Database } from './database';
import { NotificationListener } from './notification-listener';
import { PooledDatabase } from './pooled-database';
import { translateError } from './translate-error';

const CONNECTIONS = 10;
const CONNECT_TIMEOUT_MS = 10_000;
const STATEMENT_TIMEOUT_MS = 60_000;
const HEALTH_TIMEOUT_MS = 3_000;

/** A PostgreSQL server by its URL. */
export class PostgresDatabase extends PooledDatabase implements Database {
  private readonly notifications: NotificationListener;
  private closing: Promise<void> | undefined;

  private constructor(pool: Pool, url: string) {
    super(pool);
    this.notifications = new NotificationListener({
      url,
      onEvent: (id) => this.listeners.announce(id),
      latestId: () => this.repositories.events.latestId(),
    });
  }

  static async open(url: string): Promise<PostgresDatabase> {
    const pool = new Pool({
      connectionString: url,
      max: CONNECTIONS,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      keepAlive: true,
      application_name: 'logbert',
    });
    const database = new PostgresDatabase(pool, url);
    try {
      await database.migrate();
      await database.notifications.start();
      return database;
    } catch (error) {
      await database.close();
      throw translateError(error);
    }
  }

  async vacuum(): Promise<void> {}

  async isHealthy(): Promise<boolean> {
    const answer = this.pool.query('SELECT 1').then(
      () => true,
      () => false,
    );
    const late = new Promise<boolean>((resolve) => {
      setTimeout(resolve, HEALTH_TIMEOUT_MS, false).unref();
    });
    return Promise.race([answer, late]);
  }

  close(): Promise<void> {
    this.closing ??= this.notifications.close().then(() => this.pool.end());
    return this.closing;
  }
}
