import { LiveAnnouncer } from '@angular/cdk/a11y';
import { provideHttpClient } from '@angular/common/http';
import { HttpTestingController, provideHttpClientTesting } from '@angular/common/http/testing';
import { TestBed } from '@angular/core/testing';
import { KEY_STORAGE } from '../app/access/api-key';
import { OPEN_EVENT_SOURCE } from '../app/live/live-events';
import { POPUP_STORAGE } from '../app/popups/popups';
import { FakeEventSource } from './fake-event-source';

/** Storage of a tab that lasts as long as the spec. */
export function buildStorage(entries: Record<string, string> = {}) {
  const kept = new Map(Object.entries(entries));
  return {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
    removeItem: (name: string) => void kept.delete(name),
  };
}

/** The live services with an event stream, a server and an announcer that the spec plays. */
export function prepareLiveBed(storage = buildStorage()) {
  const sources: FakeEventSource[] = [];
  const spoken: string[] = [];
  TestBed.configureTestingModule({
    providers: [
      provideHttpClient(),
      provideHttpClientTesting(),
      { provide: KEY_STORAGE, useValue: storage },
      { provide: POPUP_STORAGE, useValue: storage },
      {
        provide: LiveAnnouncer,
        useValue: { announce: (words: string) => Promise.resolve(void spoken.push(words)) },
      },
      {
        provide: OPEN_EVENT_SOURCE,
        useValue: (url: string) => {
          const source = new FakeEventSource(url);
          sources.push(source);
          return source;
        },
      },
    ],
  });
  return {
    sources,
    spoken,
    storage,
    http: TestBed.inject(HttpTestingController),
    /** The connection that was opened last. */
    source(): FakeEventSource {
      const source = sources.at(-1);
      if (source === undefined) throw new RangeError('no connection was opened');
      return source;
    },
  };
}
