import { computed, inject, Injectable, signal } from '@angular/core';
import { takeUntilDestroyed } from '@angular/core/rxjs-interop';
import type { TrainingJob } from '@logbert/contracts';
import { LiveEvents } from './live-events';

/** Training jobs as the event stream tells of them. */
@Injectable({ providedIn: 'root' })
export class LiveTraining {
  private readonly byId = signal<ReadonlyMap<string, TrainingJob>>(new Map());

  readonly jobs = this.byId.asReadonly();
  readonly running = computed(() => [...this.byId().values()].filter(isUnderWay));

  constructor() {
    inject(LiveEvents)
      .events.pipe(takeUntilDestroyed())
      .subscribe((event) => {
        if (event.type === 'training') this.put(event.data);
      });
  }

  put(job: TrainingJob): void {
    this.byId.update((known) => new Map(known).set(job.id, job));
  }
}

/** Whether the job has not ended yet. */
export function isUnderWay(job: TrainingJob): boolean {
  return job.state === 'queued' || job.state === 'running';
}
