/** An event stream that a spec speaks through, in the place of the browser's. */
export class FakeEventSource extends EventTarget implements EventSource {
  readonly CONNECTING = 0;
  readonly OPEN = 1;
  readonly CLOSED = 2;
  readonly withCredentials = false;
  readyState = 0;
  onopen: EventSource['onopen'] = null;
  onerror: EventSource['onerror'] = null;
  onmessage: EventSource['onmessage'] = null;

  constructor(readonly url: string) {
    super();
  }

  open(): void {
    this.readyState = this.OPEN;
    this.onopen?.(new Event('open'));
  }

  /** @param isFinal whether the browser has given up, as it does after an HTTP error */
  fail(isFinal: boolean): void {
    this.readyState = isFinal ? this.CLOSED : this.CONNECTING;
    this.onerror?.(new Event('error'));
  }

  say(type: string, data: unknown): void {
    this.dispatchEvent(new MessageEvent(type, { data: JSON.stringify(data) }));
  }

  close(): void {
    this.readyState = this.CLOSED;
  }
}
