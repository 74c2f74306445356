import {
  type CounterMetric,
  type GaugeMetric,
  type HistogramMetric,
  METRICS,
} from '@logbert/telemetry';
import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram, type Metric, register } from 'prom-client';

export type Labels = Readonly<Record<string, string | number>>;

/** Refreshes gauges whose truth lies elsewhere; called before every scrape. */
export type Sampler = () => Promise<void>;

/** Counts and measures by the table of `@logbert/telemetry`; the only place that knows the Prometheus client. */
@Injectable()
export class Meters {
  private readonly counters = new Map<string, Counter>();
  private readonly gauges = new Map<string, Gauge>();
  private readonly histograms = new Map<string, Histogram>();
  private readonly samplers = new Set<Sampler>();

  constructor() {
    for (const metric of Object.values(METRICS)) {
      const { name, help, labels: labelNames } = metric;
      // A second application in one process (tests) shares the registry of the first.
      const known: Metric | undefined = register.getSingleMetric(name);
      if (metric.kind === 'counter') {
        this.counters.set(
          name,
          known instanceof Counter ? known : new Counter({ name, help, labelNames }),
        );
      } else if (metric.kind === 'gauge') {
        this.gauges.set(
          name,
          known instanceof Gauge ? known : new Gauge({ name, help, labelNames }),
        );
      } else {
        const buckets = [...metric.buckets];
        this.histograms.set(
          name,
          known instanceof Histogram ? known : new Histogram({ name, help, labelNames, buckets }),
        );
      }
    }
  }

  count(metric: CounterMetric, labels: Labels = {}, by = 1): void {
    if (by > 0) this.counters.get(metric.name)?.inc(labels, by);
  }

  set(metric: GaugeMetric, value: number, labels: Labels = {}): void {
    this.gauges.get(metric.name)?.set(labels, value);
  }

  /** Forgets all label values of a gauge, so that what no longer exists is no longer shown. */
  reset(metric: GaugeMetric): void {
    this.gauges.get(metric.name)?.reset();
  }

  observe(metric: HistogramMetric, seconds: number, labels: Labels = {}): void {
    this.histograms.get(metric.name)?.observe(labels, seconds);
  }

  beforeScrape(sampler: Sampler): void {
    this.samplers.add(sampler);
  }

  /** Refreshes what is sampled; a source that fails keeps its last figures. */
  async sample(): Promise<void> {
    await Promise.allSettled([...this.samplers].map((sampler) => sampler()));
  }
}
