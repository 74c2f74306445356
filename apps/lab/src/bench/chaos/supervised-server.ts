import { setTimeout as sleep } from 'node:timers/promises';
import { type ServerOptions, ServerProcess } from './server-process';

const START_AGAIN_AFTER_MS = 500;

/** A server that somebody looks after: whenever its process ends, it is started again. */
export class SupervisedServer implements AsyncDisposable {
  private current: ServerProcess | undefined;
  private ready: Promise<void>;
  private isWanted = true;
  /** How often it ended, or could not start, by itself. */
  ownEnds = 0;

  /** @param program see `ServerProcess.start`; left out, the built server */
  constructor(
    private readonly options: ServerOptions,
    private readonly program?: string,
  ) {
    this.ready = this.keepStarting();
  }

  /** The process, once it listens. */
  async process(): Promise<ServerProcess> {
    await this.ready;
    if (!this.current) throw new TypeError('the server was stopped');
    return this.current;
  }

  /**
   * Ends a process that listens as it is, without a word; another one takes its place. Where there is none, since the last one ended
   * and the next one is not there yet, it waits for that.
   *
   * @param withinMs how long it waits, milliseconds
   * @returns whether it struck; false when none came in time
   */
  async kill(withinMs: number): Promise<boolean> {
    const deadline = performance.now() + withinMs;
    while (this.isWanted) {
      if (await this.current?.kill()) return true;
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) return false;
      const waiting = new AbortController();
      const { signal } = waiting;
      // Given up: told by the time that is left.
      const late = sleep(leftMs, undefined, { signal }).catch(() => undefined);
      await Promise.race([this.ready, late]);
      waiting.abort();
    }
    return false;
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
        const started = await ServerProcess.start(this.options, this.program);
        this.current = started;
        started.onEnd(() => {
          if (!this.isWanted) return;
          if (!started.wasKilled) this.ownEnds++;
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
