import { HttpClient, httpResource } from '@angular/common/http';
import { Component, computed, effect, inject, linkedSignal, untracked } from '@angular/core';
import { takeUntilDestroyed } from '@angular/core/rxjs-interop';
import { MatButtonToggleModule } from '@angular/material/button-toggle';
import { DEMO_STREAM, ROUTES, throughputHistorySchema } from '@logbert/contracts';
import { EMPTY, expand, map, take } from 'rxjs';
import { anomalyHeadPageSchema, modelPageSchema, streamPageSchema } from '../doors/page-schemas';
import { urlOf } from '../doors/url-of';
import { Clock } from '../figures/clock';
import { EmptyNotice } from '../notices/empty-notice';
import { LoadingLines } from '../notices/loading-lines';
import { ProblemNotice } from '../notices/problem-notice';
import { Demo } from './demo';
import { DemoPanel } from './demo-panel';
import { IncidentFeed } from './incident-feed';
import { InstrumentStrip } from './instrument-strip';
import { LiveEvents } from './live-events';
import { LiveIncidents } from './live-incidents';
import { LiveTraffic } from './live-traffic';
import { LiveTraining } from './live-training';
import { stateOf } from './stream-state';
import { TrafficChart } from './traffic-chart';
import { presentOf, TRAFFIC_WINDOW_MS } from './traffic-window';
import { TrainingBanner } from './training-banner';

/** Pages of past anomalies that the chart is filled with. */
const MOST_PAGES = 3;

@Component({
  selector: 'app-live-page',
  imports: [
    DemoPanel,
    EmptyNotice,
    IncidentFeed,
    InstrumentStrip,
    LoadingLines,
    MatButtonToggleModule,
    ProblemNotice,
    TrafficChart,
    TrainingBanner,
  ],
  providers: [Demo],
  templateUrl: './live-page.html',
  styles: `
    .columns {
      display: grid;
      grid-template-columns: minmax(0, 1fr) minmax(320px, 400px);
      align-items: start;
      gap: 16px;
    }
    .left {
      display: grid;
      gap: 16px;
      min-width: 0;
    }
    .chart {
      padding: 0 4px 4px;
    }
    @media (max-width: 1023px) {
      .columns {
        grid-template-columns: minmax(0, 1fr);
      }
    }
  `,
})
export class LivePage {
  private readonly clock = inject(Clock);
  private readonly http = inject(HttpClient);
  private readonly traffic = inject(LiveTraffic);
  private readonly live = inject(LiveEvents);
  private readonly training = inject(LiveTraining);
  private readonly allIncidents = inject(LiveIncidents);

  protected readonly streams = httpResource(() => ROUTES.streams, {
    parse: streamPageSchema.parse,
  });
  private readonly models = httpResource(
    () => {
      const stream = this.stream();
      return stream === undefined ? undefined : urlOf(ROUTES.models, {}, { stream, limit: 50 });
    },
    { parse: modelPageSchema.parse },
  );

  protected readonly names = computed(() => {
    const known = this.streams.hasValue() ? this.streams.value().items.map(({ name }) => name) : [];
    return [...new Set([...known, ...this.traffic.samples().keys()])].sort();
  });
  /** The chosen stream: the busiest until somebody chooses. */
  protected readonly stream = linkedSignal<readonly string[], string | undefined>({
    source: this.names,
    computation: (names, previous) =>
      previous?.value !== undefined && names.includes(previous.value)
        ? previous.value
        : this.busiestOf(names),
  });

  protected readonly samples = computed(
    () => this.traffic.samples().get(this.stream() ?? '') ?? [],
  );
  protected readonly latest = computed(() => presentOf(this.samples(), this.clock.serverMs()));
  protected readonly anomalies = computed(() => {
    const from = this.clock.nowMs() - TRAFFIC_WINDOW_MS;
    return (this.traffic.anomalies().get(this.stream() ?? '') ?? []).filter(
      ({ lastAt }) => lastAt >= from,
    );
  });
  protected readonly incidents = computed(() =>
    this.allIncidents.newestFirst().filter(({ stream }) => stream === this.stream()),
  );
  protected readonly openCount = computed(
    () => this.incidents().filter(({ state }) => state === 'open').length,
  );
  protected readonly job = computed(() =>
    this.training.running().find(({ stream }) => stream === this.stream()),
  );
  protected readonly model = computed(() =>
    this.models.hasValue()
      ? (this.models.value().items.find(({ isActive }) => isActive) ?? null)
      : undefined,
  );
  /** Whether the model is there that the demo shop has trained before it opens. */
  protected readonly isShopTrained = computed(
    () => this.stream() === DEMO_STREAM && Boolean(this.model()),
  );
  protected readonly state = computed(() =>
    stateOf({
      model: this.model(),
      job: this.job(),
      sample: this.samples().at(-1),
      nowMs: this.clock.nowMs(),
    }),
  );

  constructor() {
    this.live.events.pipe(takeUntilDestroyed()).subscribe(({ type }) => {
      if (type === 'model') {
        this.models.reload();
        this.streams.reload();
      }
    });
    effect((onCleanup) => {
      const stream = this.stream();
      this.live.openings();
      if (stream === undefined) return;
      const readings = untracked(() => [this.readAnomalies(stream), this.readThroughput(stream)]);
      onCleanup(() => readings.forEach((reading) => reading.unsubscribe()));
    });
  }

  private busiestOf(names: readonly string[]): string | undefined {
    const samples = untracked(() => this.traffic.samples());
    const rate = (name: string) => samples.get(name)?.at(-1)?.linesPerSecond ?? 0;
    return [...names].sort((a, b) => rate(b) - rate(a))[0];
  }

  /** What happened before this page was opened; a failure leaves the chart to the live events. */
  private readAnomalies(stream: string) {
    const query = { stream, view: 'head', fromMs: Date.now() - TRAFFIC_WINDOW_MS, limit: 200 };
    const read = (cursor: string | null) =>
      this.http
        .get(urlOf(ROUTES.anomalies, {}, { ...query, cursor }))
        .pipe(map((answer) => anomalyHeadPageSchema.parse(answer)));
    return read(null)
      .pipe(
        expand(({ nextCursor }) => (nextCursor === null ? EMPTY : read(nextCursor))),
        take(MOST_PAGES),
      )
      .subscribe({
        next: ({ items }) => this.traffic.addAnomalies(items),
        error: (error: unknown) => console.warn('The anomalies of before could not be read', error),
      });
  }

  /** The same for the lines that passed. */
  private readThroughput(stream: string) {
    return this.http
      .get(urlOf(ROUTES.streamThroughput, { name: stream }))
      .pipe(map((answer) => throughputHistorySchema.parse(answer)))
      .subscribe({
        next: ({ samples }) => this.traffic.addHistory(stream, samples),
        error: (error: unknown) =>
          console.warn('The throughput of before could not be read', error),
      });
  }
}
