import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { EngineSession } from './engine-session';

const THREAD = new URL('./engine-thread.mjs', import.meta.url);

interface Reply {
  readonly session: number;
  /** Left out when the session has begun. */
  readonly bytes?: Uint8Array;
}

/**
 * PostgreSQL in a thread of this process. It has one session at a time; the thread is started with the first, and again
 * with the next one when it has died.
 */
export class Engine {
  private worker: Worker | undefined;
  private session: { readonly id: number; readonly socket: EngineSession } | undefined;
  private sessions = 0;

  constructor(private readonly directory: string) {}

  /** A socket for `pg`; the one before it hears nothing any more. */
  socket(): EngineSession {
    const id = ++this.sessions;
    const socket = new EngineSession(
      () => {
        this.session = { id, socket };
        this.thread().postMessage({ kind: 'begin', session: id });
      },
      (bytes) => this.thread().postMessage({ kind: 'ask', session: id, bytes }),
    );
    return socket;
  }

  /** Writes out what it has and ends the thread. */
  async close(): Promise<void> {
    const { worker } = this;
    if (!worker) return;
    this.worker = undefined;
    const exit = once(worker, 'exit');
    worker.postMessage({ kind: 'end' });
    await exit;
  }

  private thread(): Worker {
    if (this.worker) return this.worker;
    const worker = new Worker(THREAD, {
      workerData: { directory: this.directory },
      name: 'database',
      execArgv: [],
    });
    this.worker = worker;
    const die = (why: string): void => {
      if (this.worker !== worker) return;
      this.worker = undefined;
      const failure = new Error(`Connection terminated: the embedded database ended (${why})`);
      this.session?.socket.destroy(failure);
    };
    worker.on('message', (reply: Reply) => this.take(reply));
    worker.on('error', (error) => die(error instanceof Error ? error.message : String(error)));
    worker.on('exit', (code) => die(`exit code ${code}`));
    return worker;
  }

  private take({ session, bytes }: Reply): void {
    if (this.session?.id !== session) return;
    if (bytes) this.session.socket.receive(bytes);
    else this.session.socket.opened();
  }
}
