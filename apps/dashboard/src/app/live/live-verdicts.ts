import { inject, Injectable, signal } from '@angular/core';
import { takeUntilDestroyed } from '@angular/core/rxjs-interop';
import type { AnomalyHead, AnomalyVerdict } from '@logbert/contracts';
import { LiveEvents } from './live-events';

const KEPT = 1_000;

/** The final verdicts that the event stream has told lately, which a list that was read before does not know. */
@Injectable({ providedIn: 'root' })
export class LiveVerdicts {
  private readonly byId = signal<ReadonlyMap<string, AnomalyVerdict>>(new Map());

  constructor() {
    inject(LiveEvents)
      .events.pipe(takeUntilDestroyed())
      .subscribe((event) => {
        if (event.type !== 'verdict') return;
        const { id, verdict } = event.data;
        this.byId.update((known) => new Map([...known, [id, verdict] as const].slice(-KEPT)));
      });
  }

  /** The verdict on the anomaly as far as it is known. */
  of({ id, verdict }: Pick<AnomalyHead, 'id' | 'verdict'>): AnomalyVerdict {
    return verdict.state === 'immediate' ? (this.byId().get(id) ?? verdict) : verdict;
  }
}
