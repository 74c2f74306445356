import type { Pool } from 'pg';
import { EventListeners } from './event-listeners';
import type { Handle } from './handle';
import { migrate } from './migrate';
import { pooledHandle } from './pooled-handle';
import { Repositories } from './repositories';
import { TransactionGuard } from './transaction-guard';
import { translateError } from './translate-error';

/** What both engines have in common: one driver and its pool of connections. */
export abstract class PooledDatabase {
  readonly repositories: Repositories;
  protected readonly listeners = new EventListeners();
  private readonly handle: Handle;
  private readonly guard = new TransactionGuard();

  protected constructor(protected readonly pool: Pool) {
    // A connection that breaks is replaced by the pool, and who uses it sees the next query fail;
    // without listeners, for the idle ones and for those at work, it would end the process.
    pool.on('error', () => undefined);
    pool.on('connect', (client) => client.on('error', () => undefined));
    this.handle = pooledHandle(pool);
    this.repositories = new Repositories(this.handle);
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

  protected migrate(): Promise<void> {
    return migrate(this.handle, Date.now());
  }
}
