import type { LiveEvent } from '@logbert/contracts';
import type { Response } from 'express';

const HEARTBEAT_MS = 15_000;
/** What may wait for one slow reader; over that its connection is closed, and it resumes by its last id. */
const BUFFER_LIMIT_BYTES = 4 * 1024 * 1024;
const REOPEN_AFTER_MS = 2_000;

const HEADERS = [
  ['content-type', 'text/event-stream'],
  ['cache-control', 'no-cache, no-transform'],
  ['connection', 'keep-alive'],
  ['x-accel-buffering', 'no'],
] as const;

/** One open server-sent event stream. */
export class EventStream {
  private readonly heartbeat: NodeJS.Timeout;

  constructor(
    private readonly response: Response,
    onClose: () => void,
  ) {
    // Not by Express, which would add a charset that this type does not have.
    for (const [name, value] of HEADERS) response.setHeader(name, value);
    response.flushHeaders();
    response.write(`retry: ${REOPEN_AFTER_MS}\n\n`);
    this.heartbeat = setInterval(() => this.write(': alive\n\n'), HEARTBEAT_MS);
    this.heartbeat.unref();
    response.on('close', () => {
      clearInterval(this.heartbeat);
      onClose();
    });
  }

  get isOpen(): boolean {
    return !this.response.writableEnded && !this.response.destroyed;
  }

  /** @param id id to resume after; undefined for what is not kept */
  send(event: LiveEvent, id?: number): void {
    const head = id === undefined ? '' : `id: ${id}\n`;
    this.write(`${head}event: ${event.type}\ndata: ${JSON.stringify(event.data)}\n\n`);
  }

  end(): void {
    if (this.isOpen) this.response.end();
  }

  private write(text: string): void {
    if (!this.isOpen) return;
    if (this.response.writableLength > BUFFER_LIMIT_BYTES) {
      this.response.destroy();
      return;
    }
    this.response.write(text);
  }
}
