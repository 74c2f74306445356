import { describe, expect, it } from 'vitest';
import type { Metric } from './metric';
import { metricNames, seriesNames } from './metric-names';
import { METRICS } from './metrics';

const metrics: readonly Metric[] = Object.values(METRICS);

describe('METRICS', () => {
  it('names every metric once', () => {
    expect(new Set(metricNames()).size).toBe(metrics.length);
  });

  it.each(metrics.map((metric) => [metric.name, metric] as const))(
    '%s follows the naming rules of Prometheus',
    (name, metric) => {
      expect(name).toMatch(/^logbert_[a-z]+(_[a-z]+)*$/);
      expect(name.endsWith('_total')).toBe(metric.kind === 'counter');
      if (metric.kind === 'histogram') expect(name).toMatch(/_seconds$/);
      expect(metric.help).toMatch(/^[A-Z1].*\.$/);
      for (const label of metric.labels) expect(label).toMatch(/^[a-z]+$/);
      expect(metric.labels).not.toContain('le');
    },
  );

  it('has strictly increasing buckets', () => {
    for (const metric of metrics) {
      if (metric.kind !== 'histogram') continue;
      const sorted = [...new Set(metric.buckets)].sort((a, b) => a - b);
      expect(metric.buckets, metric.name).toEqual(sorted);
    }
  });
});

describe('seriesNames', () => {
  it('gives a histogram its three series', () => {
    expect(seriesNames(METRICS.rcaSeconds)).toEqual([
      'logbert_rca_seconds_bucket',
      'logbert_rca_seconds_sum',
      'logbert_rca_seconds_count',
    ]);
  });

  it('gives a counter its own name', () => {
    expect(seriesNames(METRICS.anomalies)).toEqual(['logbert_anomalies_total']);
  });
});
