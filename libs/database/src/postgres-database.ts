import { Pool } from 'pg';
import type { Database } from './database';
import { EventListeners } from './event-listeners';
import type { Handle } from './handle';
import { migrate } from './migrate';
import { NotificationListener } from './notification-listener';
import { pooledHandle } from './pooled-handle';
import { Repositories } from './repositories';
import { TransactionGuard } from './transaction-guard';
import { translateError } from './translate-error';

const CONNECTIONS = 10;
const CONNECT_TIMEOUT_MS = 10_000;
const STATEMENT_TIMEOUT_MS = 60_000;
const HEALTH_TIMEOUT_MS = 3_000;

/** A PostgreSQL server by its URL. */
export class PostgresDatabase implements Database {
  private readonly handle: Handle;
  private readonly guard = new TransactionGuard();
  private readonly listeners = new EventListeners();
  private readonly notifications: NotificationListener;
  private closing: Promise<void> | undefined;
  readonly repositories: Repositories;

  private constructor(
    private readonly pool: Pool,
    url: string,
  ) {
    this.handle = pooledHandle(pool);
    this.repositories = new Repositories(this.handle);
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
    // A connection that breaks is replaced by the pool, and who uses it sees the next query fail;
    // without listeners, for the idle ones and for those at work, it would end the process.
    pool.on('error', () => undefined);
    pool.on('connect', (client) => client.on('error', () => undefined));
    const database = new PostgresDatabase(pool, url);
    try {
      await migrate(database.handle, Date.now());
      await database.notifications.start();
      return database;
    } catch (error) {
      await database.close();
      throw translateError(error);
    }
  }

  async transaction<T>(work: (repositories: Repositories) => Promise<T>): Promise<T> {
    try {
      return await this.guard.run(() =>
        this.handle.transaction((tx) => work(new Repositories(tx))),
      );
    } catch (error) {
      throw translateError(error);
    }
  }

  onEvents(listener: (id: number) => void): () => void {
    return this.listeners.add(listener);
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
