import { mkdir } from 'node:fs/promises';
import { Pool } from 'pg';
import type { Database } from './database';
import { Engine } from './embedded/engine';
import { EVENTS_CHANNEL } from './event-repository';
import { EventListeners } from './event-listeners';
import type { Handle } from './handle';
import { migrate } from './migrate';
import { pooledHandle } from './pooled-handle';
import { Repositories } from './repositories';
import { TransactionGuard } from './transaction-guard';
import { translateError } from './translate-error';

/** Tables of which rows are replaced or deleted all the time. */
const CHANGING_TABLES = [
  'detector_states',
  'template_counts',
  'template_count_positions',
  'templates',
  'grouper_states',
  'incidents',
  'training_jobs',
  'outlet_cursors',
  'events',
  'anomalies',
];

/**
 * PostgreSQL inside this process, in a thread of its own: a statement that takes long does not hold up the server. It has one
 * connection: statements and transactions take turns.
 */
export class EmbeddedDatabase implements Database {
  private readonly handle: Handle;
  private readonly guard = new TransactionGuard();
  private readonly listeners = new EventListeners();
  private readonly engine: Engine;
  private readonly pool: Pool;
  private closing: Promise<void> | undefined;
  readonly repositories: Repositories;

  private constructor(directory: string) {
    this.engine = new Engine(directory);
    this.pool = new Pool({
      max: 1,
      idleTimeoutMillis: 0,
      stream: () => this.engine.socket(),
      verify: (client, done) => {
        client.on('notification', ({ payload }) => this.listeners.announce(Number(payload)));
        client.query(`LISTEN ${EVENTS_CHANNEL}`).then(() => done(), done);
      },
    });
    // Who uses a connection that breaks sees the query fail, and the pool opens another; without listeners it would end the process.
    this.pool.on('error', () => undefined);
    this.pool.on('connect', (client) => client.on('error', () => undefined));
    this.handle = pooledHandle(this.pool);
    this.repositories = new Repositories(this.handle);
  }

  static async open(directory: string): Promise<EmbeddedDatabase> {
    await mkdir(directory, { recursive: true });
    const database = new EmbeddedDatabase(directory);
    try {
      await migrate(database.handle, Date.now());
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

  /** Table by table, so that others come in between. Those that only grow are left alone. */
  async vacuum(): Promise<void> {
    for (const table of CHANGING_TABLES) await this.pool.query(`VACUUM ${table}`);
  }

  async isHealthy(): Promise<boolean> {
    return this.pool.query('SELECT 1').then(
      () => true,
      () => false,
    );
  }

  close(): Promise<void> {
    this.closing ??= this.pool.end().then(() => this.engine.close());
    return this.closing;
  }
}
