import { inject, Injectable, signal } from '@angular/core';
import { takeUntilDestroyed } from '@angular/core/rxjs-interop';
import type { AnomalyHead } from '@logbert/contracts';
import { LiveEvents } from './live-events';

const KEPT = 1_000;

/** The anomalies of which the event stream has told lately that their session is closed, which a list that was read before shows open. */
@Injectable({ providedIn: 'root' })
export class LiveClosings {
  private readonly byId = signal<ReadonlyMap<string, AnomalyHead>>(new Map());

  constructor() {
    inject(LiveEvents)
      .events.pipe(takeUntilDestroyed())
      .subscribe((event) => {
        if (event.type !== 'anomaly-closed') return;
        const { data } = event;
        this.byId.update((known) => new Map([...known, [data.id, data] as const].slice(-KEPT)));
      });
  }

  /** The anomaly as it is by now. */
  of(anomaly: AnomalyHead): AnomalyHead {
    const closed = anomaly.state === 'open' ? this.byId().get(anomaly.id) : undefined;
    return closed ? { ...closed, incidentId: closed.incidentId ?? anomaly.incidentId } : anomaly;
  }
}
