import { readdirSync, readFileSync } from 'node:fs';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Metric } from './metric';
import { seriesNames } from './metric-names';
import { METRICS } from './metrics';
import { labelsInQuery, seriesInQuery } from './promql';

const root = new URL('../../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

/** Every string under a key of this name, at any depth. */
function valuesOf(key: string, node: unknown): readonly string[] {
  if (Array.isArray(node)) return node.flatMap((item) => valuesOf(key, item));
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([name, value]) =>
    name === key && typeof value === 'string' ? [value] : valuesOf(key, value),
  );
}

/** Labels that Prometheus or the exposition format add. */
const ADDED_LABELS = ['job', 'instance', 'le'];

function knownSeries(): ReadonlyMap<string, readonly string[]> {
  const known = new Map<string, readonly string[]>([['up', ADDED_LABELS]]);
  const metrics: readonly Metric[] = Object.values(METRICS);
  for (const metric of metrics) {
    for (const series of seriesNames(metric)) {
      known.set(series, [...metric.labels, ...ADDED_LABELS]);
    }
  }
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const { name } of registry.getMetricsAsArray()) {
    for (const suffix of ['', '_bucket', '_sum', '_count']) {
      known.set(`${name}${suffix}`, ['kind', 'type', 'space', 'version', ...ADDED_LABELS]);
    }
  }
  registry.clear();
  return known;
}

const dashboards = readdirSync(new URL('grafana/dashboards/', root)).map(
  (name) => `grafana/dashboards/${name}`,
);
const queries = new Map<string, readonly string[]>([
  ['prometheus/alerts.yml', valuesOf('expr', parse(read('prometheus/alerts.yml')))],
  ...dashboards.map((path) => {
    const dashboard: unknown = JSON.parse(read(path));
    const variables = valuesOf('query', dashboard)
      .map((query) => /^label_values\((.*),\s*\w+\)$/.exec(query)?.[1])
      .filter((query) => query !== undefined);
    return [path, [...valuesOf('expr', dashboard), ...variables]] as const;
  }),
]);
const known = knownSeries();

describe.each([...queries])('%s', (_path, expressions) => {
  it('has queries', () => {
    expect(expressions.length).toBeGreaterThan(10);
  });

  it.each(expressions)('names series that exist, with labels they have: %s', (expression) => {
    const series = seriesInQuery(expression);
    expect(series).not.toEqual([]);
    for (const name of series) expect([...known.keys()]).toContain(name);
    const labels = new Set(series.flatMap((name) => known.get(name) ?? []));
    for (const label of labelsInQuery(expression)) expect([...labels]).toContain(label);
  });
});

describe('the dashboard', () => {
  it('shows every metric of the table', () => {
    const shown = new Set(
      dashboards.flatMap((path) => queries.get(path) ?? []).flatMap(seriesInQuery),
    );
    const hidden = Object.values(METRICS).filter(
      (metric) => !seriesNames(metric).some((series) => shown.has(series)),
    );
    expect(hidden.map(({ name }) => name)).toEqual([]);
  });
});
