import { HttpClient } from '@angular/common/http';
import { computed, DestroyRef, effect, inject, Injectable, signal, untracked } from '@angular/core';
import { takeUntilDestroyed } from '@angular/core/rxjs-interop';
import { type Incident, ROUTES } from '@logbert/contracts';
import { incidentPageSchema } from '../doors/page-schemas';
import { urlOf } from '../doors/url-of';
import { LiveEvents } from './live-events';

const KEPT = 200;

/** The newest incidents, open or closed, kept current by the server's event stream. */
@Injectable({ providedIn: 'root' })
export class LiveIncidents {
  private readonly http = inject(HttpClient);
  private readonly live = inject(LiveEvents);
  private readonly destroyRef = inject(DestroyRef);
  private readonly byId = signal<ReadonlyMap<string, Incident>>(new Map());
  private readonly asked = signal(false);
  private readonly failed = signal<unknown>(undefined);

  readonly newestFirst = computed(() =>
    [...this.byId().values()].sort((a, b) => b.openedAt - a.openedAt),
  );
  readonly open = computed(() =>
    this.newestFirst().filter((incident) => incident.state === 'open'),
  );
  readonly recentlyClosed = computed(() =>
    this.newestFirst().filter((incident) => incident.state === 'closed'),
  );
  /** Whether the list of the server has been read at least once. */
  readonly isLoaded = this.asked.asReadonly();
  readonly error = this.failed.asReadonly();

  constructor() {
    this.live.events.pipe(takeUntilDestroyed()).subscribe((event) => {
      if (event.type === 'incident') this.put(event.data);
      if (event.type === 'root-cause') this.put(event.data.incident);
    });
    effect(() => {
      if (this.live.openings() > 0) untracked(() => this.load());
    });
  }

  get(id: string): Incident | undefined {
    return this.byId().get(id);
  }

  put(incident: Incident): void {
    this.byId.update((known) => newest(new Map(known).set(incident.id, incident)));
  }

  load(): void {
    const before = this.byId();
    this.http
      .get(urlOf(ROUTES.incidents, {}, { limit: 100 }))
      .pipe(takeUntilDestroyed(this.destroyRef))
      .subscribe({
        next: (answer) => {
          const { items } = incidentPageSchema.parse(answer);
          this.byId.update((known) => {
            const next = new Map(known);
            for (const item of items) {
              // An event that came while the list was under way is newer than the list.
              if (known.get(item.id) === before.get(item.id)) next.set(item.id, item);
            }
            return newest(next);
          });
          this.asked.set(true);
          this.failed.set(undefined);
        },
        error: (error: unknown) => this.failed.set(error),
      });
  }
}

function newest(incidents: Map<string, Incident>): ReadonlyMap<string, Incident> {
  if (incidents.size <= KEPT) return incidents;
  const kept = [...incidents.values()].sort((a, b) => b.lastSeenAt - a.lastSeenAt).slice(0, KEPT);
  return new Map(kept.map((incident) => [incident.id, incident]));
}
