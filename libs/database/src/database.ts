import type { Repositories } from './repositories';

/** The tables on one of the two engines. Every call may throw a retriable DatabaseUnavailableFailure. */
export interface Database {
  /** Each call is a transaction of its own. */
  readonly repositories: Repositories;

  /**
   * All of the work or nothing. Inside, use only the repositories handed in: the embedded engine
   * has one connection, so that a call past them would wait for its own transaction; a nested
   * `transaction` throws a TypeError for that reason.
   */
  transaction<T>(work: (repositories: Repositories) => Promise<T>): Promise<T>;

  /**
   * Calls the listener with the id of each appended event, also of other processes, until the
   * returned function is called. After a lost connection the listener is called with the latest id.
   */
  onEvents(listener: (id: number) => void): () => void;

  /** Makes the space of rows that were replaced or deleted usable again; a server does so by itself. */
  vacuum(): Promise<void>;

  isHealthy(): Promise<boolean>;
  close(): Promise<void>;
}
