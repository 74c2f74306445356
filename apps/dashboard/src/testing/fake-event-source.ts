import type { EventFeed } from '../app/live/live-events';

/** An event stream that a spec speaks through, in the place of the browser's. */
export class FakeEventSource implements EventFeed {
  readonly CLOSED = 2;
  readyState = 0;
  onopen: EventFeed['onopen'] = null;
  onerror: EventFeed['onerror'] = null;
  private readonly listeners = new Map<string, (event: MessageEvent<string>) => void>();

  constructor(readonly url: string) {}

  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void {
    this.listeners.set(type, listener);
  }

  open(): void {
    this.readyState = 1;
    this.onopen?.(new Event('open'));
  }

  /** @param isFinal whether the browser has given up, as it does after an HTTP error */
  fail(isFinal: boolean): void {
    this.readyState = isFinal ? this.CLOSED : 0;
    this.onerror?.(new Event('error'));
  }

  say(type: string, data: unknown): void {
    this.listeners.get(type)?.(new MessageEvent(type, { data: JSON.stringify(data) }));
  }

  close(): void {
    this.readyState = this.CLOSED;
  }
}
