import { inject, Injectable, signal } from '@angular/core';
import { takeUntilDestroyed } from '@angular/core/rxjs-interop';
import type { AnomalyHead, Throughput } from '@logbert/contracts';
import { Clock } from '../figures/clock';
import { LiveEvents } from './live-events';
import { withAnomaly, withHistory, withSample, withVerdict } from './traffic-window';

/** What passed in the last minutes, stream by stream: throughput samples and the anomalies found. */
@Injectable({ providedIn: 'root' })
export class LiveTraffic {
  private readonly sampled = signal<ReadonlyMap<string, readonly Throughput[]>>(new Map());
  private readonly found = signal<ReadonlyMap<string, readonly AnomalyHead[]>>(new Map());

  readonly samples = this.sampled.asReadonly();
  readonly anomalies = this.found.asReadonly();

  constructor() {
    const clock = inject(Clock);
    inject(LiveEvents)
      .events.pipe(takeUntilDestroyed())
      .subscribe((event) => {
        if (event.type === 'throughput') {
          clock.noteServer(event.data.at);
          this.sampled.update((known) => withSample(known, event.data));
        }
        if (event.type === 'anomaly') this.addAnomalies([event.data]);
        if (event.type === 'verdict') this.found.update((known) => withVerdict(known, event.data));
      });
  }

  /** @param samples what passed before the events, oldest first */
  addHistory(stream: string, samples: readonly Throughput[]): void {
    this.sampled.update((known) => withHistory(known, stream, samples));
  }

  addAnomalies(anomalies: readonly AnomalyHead[]): void {
    this.found.update((known) => anomalies.reduce(withAnomaly, known));
  }
}
