import { setTimeout as sleep } from 'node:timers/promises';
import { type ServerOptions, ServerProcess } from './server-process';

const START_AGAIN_AFTER_MS = 500;

/** A server that somebody looks after: whenever its process ends, it is started again. */
export class SupervisedServer implements AsyncDisposable {
  private current: ServerProcess | undefined;
  private ready: Promise<void>;
  private isWanted = true;
  private isKilled = false;
  /** How often it ended, or could not start, by itself. */
  ownEnds = 0;

  constructor(private readonly options: ServerOptions) {
    this.ready = this.keepStarting();
  }

  /** The process, once it listens. */
  async process(): Promise<ServerProcess> {
    await this.ready;
    if (!this.current) throw new TypeError('the server was stopped');
    return this.current;
  }

  /** Ends the process as it is, starting or not, without a word; another one takes its place. */
  async kill(): Promise<void> {
    const { current } = this;
    if (!current?.isRunning) return;
    this.isKilled = true;
    await current.stop('SIGKILL');
  }

  /** Ends it in an orderly way, for good. */
  async stop(): Promise<void> {
    this.isWanted = false;
    await this.ready;
    await this.current?.stop('SIGTERM');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.isWanted = false;
    await this.ready;
    await this.current?.stop('SIGKILL');
  }

  private async keepStarting(): Promise<void> {
    while (this.isWanted) {
      try {
        const started = await ServerProcess.start(this.options);
        this.current = started;
        started.onEnd(() => {
          if (!this.isWanted) return;
          if (!this.isKilled) this.ownEnds++;
          this.isKilled = false;
          this.ready = this.keepStarting();
        });
        return;
      } catch {
        this.ownEnds++;
        await sleep(START_AGAIN_AFTER_MS);
      }
    }
  }
}
