import type { Metric } from './metric';
import { METRICS } from './metrics';

/** The names of all metrics of the program, in the order of the table. */
export function metricNames(): readonly string[] {
  return Object.values(METRICS).map(({ name }) => name);
}

/** The series that one metric gives in `/metrics`: a histogram has three, others their own name. */
export function seriesNames(metric: Metric): readonly string[] {
  if (metric.kind !== 'histogram') return [metric.name];
  return ['_bucket', '_sum', '_count'].map((suffix) => `${metric.name}${suffix}`);
}
