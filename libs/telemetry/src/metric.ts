/** What a metric measures with: counters only grow, gauges move, histograms count in buckets. */
export type MetricKind = 'counter' | 'gauge' | 'histogram';

interface MetricOf<Kind extends MetricKind> {
  readonly kind: Kind;
  /** Full name as `/metrics` shows it, unit suffix included. */
  readonly name: string;
  /** One sentence for a person who meets the metric in a graph. */
  readonly help: string;
  readonly labels: readonly string[];
}

export type CounterMetric = MetricOf<'counter'>;
export type GaugeMetric = MetricOf<'gauge'>;
export interface HistogramMetric extends MetricOf<'histogram'> {
  /** Upper bounds in the unit of the name, strictly increasing, `+Inf` left out. */
  readonly buckets: readonly number[];
}

/** One metric as data: who counts builds the real one from it. */
export type Metric = CounterMetric | GaugeMetric | HistogramMetric;
