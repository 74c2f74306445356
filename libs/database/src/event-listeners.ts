import { AsyncResource } from 'node:async_hooks';

/** Those who want to hear of new events. One that throws does not keep the others from hearing. */
export class EventListeners {
  private readonly listeners = new Set<(id: number) => void>();

  add(listener: (id: number) => void): () => void {
    // Bound: the embedded engine announces from within the transaction, which is not the listener's own.
    const own = AsyncResource.bind((id: number) => listener(id));
    this.listeners.add(own);
    return () => this.listeners.delete(own);
  }

  announce(id: number): void {
    for (const listener of this.listeners) {
      // Outside of the driver's own call, where a throw would end its connection.
      setImmediate(() => {
        if (this.listeners.has(listener)) listener(id);
      });
    }
  }
}
