import { DestroyRef, effect, inject, Injectable, InjectionToken, signal } from '@angular/core';
import { LIVE_EVENTS, type LiveEvent, liveEventSchema, ROUTES } from '@logbert/contracts';
import { Subject } from 'rxjs';
import { ApiKey } from '../access/api-key';
import { urlOf } from '../doors/url-of';

const REOPEN_AFTER_MS = 3_000;

/** What is used of the browser's event source. */
export interface EventFeed {
  readonly readyState: number;
  readonly CLOSED: number;
  onopen: ((event: Event) => void) | null;
  onerror: ((event: Event) => void) | null;
  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void;
  close(): void;
}

/** Opens the browser's event stream; tests provide their own. */
export const OPEN_EVENT_SOURCE = new InjectionToken<(url: string) => EventFeed>(
  'OPEN_EVENT_SOURCE',
  { factory: () => (url) => new EventSource(url) },
);

export type Connection = 'connecting' | 'open' | 'lost';

/** Everything the server announces, over one connection that is reopened when it breaks. */
@Injectable({ providedIn: 'root' })
export class LiveEvents {
  private readonly openEventSource = inject(OPEN_EVENT_SOURCE);
  private readonly apiKey = inject(ApiKey);
  private readonly received = new Subject<LiveEvent>();
  private readonly state = signal<Connection>('connecting');
  private readonly opened = signal(0);
  private reopening: ReturnType<typeof setTimeout> | undefined;
  private source: EventFeed | undefined;

  readonly events = this.received.asObservable();
  readonly connection = this.state.asReadonly();
  /** How many times a connection was opened: a change means that something may have been missed. */
  readonly openings = this.opened.asReadonly();

  constructor() {
    effect(() => {
      const key = this.apiKey.value();
      if (!this.apiKey.isNeeded()) this.connect(key);
      else this.disconnect();
    });
    inject(DestroyRef).onDestroy(() => this.disconnect());
  }

  private disconnect(): void {
    clearTimeout(this.reopening);
    this.source?.close();
  }

  private connect(key: string | null): void {
    this.disconnect();
    const source = this.openEventSource(urlOf(ROUTES.events, {}, { access_token: key }));
    this.source = source;
    source.onopen = () => {
      this.state.set('open');
      this.opened.update((count) => count + 1);
    };
    source.onerror = () => {
      this.state.set('lost');
      // A dropped connection the browser reopens; after an HTTP error it gives up for good.
      if (source.readyState === source.CLOSED) {
        this.reopening = setTimeout(() => this.connect(key), REOPEN_AFTER_MS);
      }
    };
    for (const type of Object.values(LIVE_EVENTS)) {
      source.addEventListener(type, (event) => this.receive(type, event.data));
    }
  }

  private receive(type: LiveEvent['type'], json: string): void {
    const event = liveEventSchema.safeParse({ type, data: parseJson(json) });
    // What a newer server says in a form of its own is skipped: the rest of the view stays true.
    if (event.success) this.received.next(event.data);
    else console.warn(`Skipped a live event "${type}" of unknown form`, event.error.issues);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
