import { mkdir } from 'node:fs/promises';
import { Pool } from 'pg';
import type { Database } from './database';
import { Engine } from './embedded/engine';
import { EVENTS_CHANNEL } from './event-repository';
import { PooledDatabase } from './pooled-database';
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
export class EmbeddedDatabase extends PooledDatabase implements Database {
  private closing: Promise<void> | undefined;

  private constructor(private readonly engine: Engine) {
    super(
      new Pool({
        max: 1,
        idleTimeoutMillis: 0,
        stream: () => engine.socket(),
        verify: (client, done) => {
          client.on('notification', ({ payload }) => this.listeners.announce(Number(payload)));
          client.query(`LISTEN ${EVENTS_CHANNEL}`).then(() => done(), done);
        },
      }),
    );
  }

  static async open(directory: string): Promise<EmbeddedDatabase> {
    await mkdir(directory, { recursive: true });
    const database = new EmbeddedDatabase(new Engine(directory));
    try {
      await database.migrate();
      return database;
    } catch (error) {
      await database.close();
      throw translateError(error);
    }
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
