export type { CounterMetric, GaugeMetric, HistogramMetric, Metric, MetricKind } from './metric';
export { METRICS, type MetricKey } from './metrics';
export { metricNames, seriesNames } from './metric-names';
