import { mkdir } from 'node:fs/promises';
import { PGlite, types } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import type { Database } from './database';
import { EVENTS_CHANNEL } from './event-repository';
import { EventListeners } from './event-listeners';
import type { Handle } from './handle';
import { migrate } from './migrate';
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

/** PostgreSQL inside this process. It has one connection: statements and transactions take turns. */
export class PgliteDatabase implements Database {
  private readonly handle: Handle;
  private readonly guard = new TransactionGuard();
  private readonly listeners = new EventListeners();
  readonly repositories: Repositories;

  private constructor(private readonly engine: PGlite) {
    this.handle = drizzle(engine);
    this.repositories = new Repositories(this.handle);
  }

  static async open(directory: string): Promise<PgliteDatabase> {
    await mkdir(directory, { recursive: true });
    const engine = await PGlite.create(directory, { serializers: { [types.BYTEA]: hexOf } });
    try {
      const database = new PgliteDatabase(engine);
      await migrate(database.handle, Date.now());
      await engine.listen(EVENTS_CHANNEL, (id) => database.listeners.announce(Number(id)));
      return database;
    } catch (error) {
      await engine.close();
      throw error;
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
    for (const table of CHANGING_TABLES) await this.engine.exec(`VACUUM ${table}`);
  }

  async isHealthy(): Promise<boolean> {
    return this.engine.query('SELECT 1').then(
      () => true,
      () => false,
    );
  }

  async close(): Promise<void> {
    if (!this.engine.closed) await this.engine.close();
  }
}

/** As the engine's own, which makes a string of every byte: megabytes of a detector's state would stop the server for a second. */
function hexOf(bytes: unknown): string {
  if (!(bytes instanceof Uint8Array)) throw new TypeError('a column of bytes takes a Uint8Array');
  return `\\x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}`;
}
