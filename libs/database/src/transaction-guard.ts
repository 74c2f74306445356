import { AsyncLocalStorage } from 'node:async_hooks';

/** Turns a transaction inside another one, which would wait for itself for ever, into an error. */
export class TransactionGuard {
  private readonly current = new AsyncLocalStorage<{ isRunning: boolean }>();

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.current.getStore()?.isRunning === true) {
      throw new TypeError('a transaction inside a transaction: use the repositories handed in');
    }
    // What the work leaves behind (a timer, an emitter) keeps this context when the transaction is over.
    const transaction = { isRunning: true };
    try {
      return await this.current.run(transaction, work);
    } finally {
      transaction.isRunning = false;
    }
  }
}
