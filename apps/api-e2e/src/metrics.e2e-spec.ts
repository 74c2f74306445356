import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { ingestReceiptSchema, ROUTES } from '@logbert/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { askRefused, ask, eventually } from './http';
import { scrape, sumOf } from './metric-series';
import { hasPrometheus, Prometheus } from './prometheus';
import { Server } from './server';

const root = new URL('../../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const PROMTOOL = process.env['LOGBERT_TEST_PROMTOOL'] ?? 'promtool';
const hasPromtool = !spawnSync(PROMTOOL, ['--version']).error;

/** Every query of the dashboards, with Grafana's variables as Grafana would fill them in. */
const panels: readonly string[] = readdirSync(new URL('grafana/dashboards/', root)).flatMap(
  (name) =>
    [...read(`grafana/dashboards/${name}`).matchAll(/"expr": ("(?:[^"\\]|\\.)*")/g)].map(
      ([, text = '']) =>
        String(JSON.parse(text))
          .replaceAll('$__rate_interval', '1m')
          .replaceAll('$__range', '1h')
          .replaceAll('$stream', '.*'),
    ),
);
const rules: readonly { alert: string; expr: string }[] = parse(
  read('prometheus/alerts.yml'),
).groups.flatMap((group: { rules: { alert: string; expr: string }[] }) => group.rules);
const namesIn = (query: string): readonly string[] => [
  ...new Set(query.match(/\b(?:logbert|process|nodejs)_\w+/g)),
];

describe('/metrics', () => {
  let server: Server;

  beforeAll(async () => {
    server = await Server.start();
    const logs = `${server.url}${ROUTES.logs}?stream=metrics`;
    const lines = ['cart: added item 17', 'cart: added item 18', '', 'cart: closed'].join('\n');
    await ask(logs, ingestReceiptSchema, {
      method: 'POST',
      status: 202,
      headers: { 'content-type': 'text/plain' },
      body: lines,
    });
    await askRefused(logs, 415, {
      method: 'POST',
      headers: { 'content-type': 'image/png' },
      body: 'x',
    });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it('has every series that a rule or a panel names', async () => {
    const text = await scrape(server.url);
    const families = new Map(
      [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', kind = '']) => [name, kind]),
    );
    const exists = (series: string) =>
      families.has(series) ||
      families.get(series.replace(/_(?:bucket|sum|count)$/, '')) === 'histogram';

    const named = [...new Set([...panels, ...rules.map(({ expr }) => expr)].flatMap(namesIn))];
    expect(named.length).toBeGreaterThan(25);
    expect(named.filter((series) => !exists(series))).toEqual([]);
  });

  it('counts lines by door, refused lines by reason and requests by route', async () => {
    const { url } = server;
    expect(
      await sumOf(url, 'logbert_ingest_lines_total', ['stream="metrics"', 'door="http"']),
    ).toBe(3);
    expect(await sumOf(url, 'logbert_ingest_rejected_total', ['reason="empty"'])).toBe(1);
    const requests = ['route="/api/v1/logs"', 'method="POST"'];
    expect(
      await sumOf(url, 'logbert_http_request_seconds_count', [...requests, 'status="202"']),
    ).toBe(1);
    expect(
      await sumOf(url, 'logbert_http_request_seconds_count', [...requests, 'status="415"']),
    ).toBe(1);
    await eventually(
      () => sumOf(url, 'logbert_lines_processed_total', ['stream="metrics"']),
      (processed) => processed === 3,
      { withinMs: 30_000 },
    );
  });

  it.skipIf(!hasPromtool)('is an exposition that promtool can read', async () => {
    const input = await scrape(server.url);
    const { status, stderr } = spawnSync(PROMTOOL, ['check', 'metrics'], {
      input,
      encoding: 'utf8',
    });
    // 3 is advice on style, which the Node metrics of the client library draw; 1 is an error.
    expect([0, 3], stderr).toContain(status);
    expect(stderr.split('\n').filter((line) => line.startsWith('logbert_'))).toEqual([]);
  });

  it.skipIf(!hasPrometheus())('is scraped by Prometheus, whose rules and panels hold', async () => {
    await using prometheus = await Prometheus.start(new URL(server.url).host);
    const evaluated = await eventually(
      () => prometheus.rules(),
      (all) => all.length === rules.length && all.every(({ health }) => health !== 'unknown'),
      { withinMs: 30_000 },
    );
    expect(evaluated.filter(({ health }) => health !== 'ok')).toEqual([]);
    expect(evaluated.filter(({ state }) => state === 'firing')).toEqual([]);

    for (const query of panels) await prometheus.query(query);
    const found = await prometheus.query(
      'sum by (door) (logbert_ingest_lines_total{stream="metrics"})',
    );
    expect(found).toEqual([{ door: 'http' }]);
  });
});
