import { execFile, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { configurationSchema, ingestReceiptSchema, trainingJobSchema } from '@logbert/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type Example, readExamples } from './examples';
import { ask, eventually } from './http';
import { sumOf } from './metric-series';
import { hasRsyslog, Rsyslog } from './rsyslog';
import { Server } from './server';

const PAGES = ['README.md', 'docs/sending-logs.md', 'docs/configuration.md'];
const PROCESSED_WITHIN_MS = 60_000;
const LINES = [
  'cart: added item 17 to cart 4',
  'payment: charged 20.00 EUR',
  'cart: closed cart 4',
];
const SYSLOG_LINES = LINES.map((line) => {
  const [service, message] = line.split(': ');
  return `<14>1 2026-03-01T10:00:00.120Z shop-1 ${service} - - - ${message}`;
});

const execute = promisify(execFile);
const examples = PAGES.flatMap(readExamples);
const named = (...names: string[]) =>
  examples
    .filter(({ name }) => names.includes(name))
    .map((example) => [`${example.page}: ${example.name}`, example] as const);
const isInstalled = (command: string) => !spawnSync(command, ['--version']).error;

describe('the marked examples', () => {
  it('are all tried out below', () => {
    const tried = named(
      ...['curl', 'curl-file', 'otlp', 'training', 'fluent-bit', 'otel-collector'],
      ...['promtail', 'alloy', 'filebeat', 'vector'],
      ...['rsyslog-http', 'rsyslog-kafka', 'kafka', 'configuration'],
    );
    expect(tried.length).toBe(examples.length);
    expect(examples.length).toBeGreaterThan(10);
  });

  it.each(named('configuration'))('%s fits the schema', (_title, { text }) => {
    expect(configurationSchema.safeParse(parse(text)).error).toBeUndefined();
  });
});

describe('examples over HTTP', () => {
  let server: Server;
  let folder: string;

  beforeAll(async () => {
    server = await Server.start();
    folder = await mkdtemp(join(tmpdir(), 'logbert-examples-'));
    await writeFile(join(folder, 'app.log'), `${LINES.join('\n')}\n`);
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  const host = () => new URL(server.url).host;
  const shell = async ({ text }: Example): Promise<unknown> => {
    const script = text.replaceAll('127.0.0.1:3000', host());
    const { stdout } = await execute('bash', ['-euo', 'pipefail', '-c', script], { cwd: folder });
    return JSON.parse(stdout);
  };

  describe.skipIf(!isInstalled('curl'))('by curl', () => {
    it.each(named('curl', 'curl-file'))('%s is accepted', async (_title, example) => {
      const receipt = ingestReceiptSchema.parse(await shell(example));
      expect(receipt.accepted).toBeGreaterThan(0);
      expect(receipt.rejected).toBe(0);
    });

    it.each(named('otlp'))('%s is a full success', async (_title, example) => {
      expect(await shell(example)).toEqual({});
    });

    it.each(named('training'))('%s starts a job', async (_title, example) => {
      const job = trainingJobSchema.parse(await shell(example));
      expect(job).toMatchObject({ stream: 'shop', request: { source: { kind: 'upload' } } });
    });
  });

  it.each(named('fluent-bit'))(
    '%s is accepted in the form that Fluent Bit sends',
    async (_title, { text }) => {
      const [output] = parse(text).pipeline.outputs;
      expect(output).toMatchObject({ name: 'http', host: '127.0.0.1', port: 3000, format: 'json' });
      const records = LINES.map((log) => ({
        [output.json_date_key]: '2026-03-01T10:00:00.120000Z',
        log,
      }));
      const body = JSON.stringify(records);
      const receipt = await ask(`${server.url}${output.uri}`, ingestReceiptSchema, {
        method: 'POST',
        status: 202,
        headers: {
          'content-type': 'application/json',
          ...(output.compress === 'gzip' ? { 'content-encoding': 'gzip' } : {}),
        },
        body: output.compress === 'gzip' ? gzipSync(body) : body,
      });
      expect(receipt).toEqual({ accepted: LINES.length, rejected: 0, reasons: [] });
    },
  );

  it.each(named('otel-collector'))(
    '%s is accepted in the form that the Collector sends',
    async (_title, { text }) => {
      const { exporters, service } = parse(text);
      const [name] = service.pipelines.logs.exporters;
      const { endpoint, encoding, headers } = exporters[name];
      expect({ endpoint, encoding }).toEqual({
        endpoint: 'http://127.0.0.1:3000',
        encoding: 'json',
      });
      const record = { timeUnixNano: '1772359200120000000', body: { stringValue: LINES[0] } };
      const body = { resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] };
      const before = await sumOf(server.url, 'logbert_ingest_lines_total', ['door="otlp"']);
      const response = await fetch(`${server.url}/v1/logs`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json', 'content-encoding': 'gzip' },
        body: gzipSync(JSON.stringify(body)),
      });
      expect(response.status, await response.text()).toBe(200);
      const after = await sumOf(server.url, 'logbert_ingest_lines_total', ['door="otlp"']);
      expect(after - before).toBe(1);
    },
  );

  it.each(named('promtail', 'alloy'))(
    '%s is accepted in the form that it sends',
    async (_title, { text }) => {
      const url = /url\s*[:=]\s*"?(http[^"\s]+)/.exec(text)?.[1] ?? '';
      const tenant = /tenant_id\s*[:=]\s*"?([^"\s]+)/.exec(text)?.[1] ?? '';
      const values = LINES.map((line, place) => [`177235920012000000${place}`, line]);
      const response = await fetch(url.replace('127.0.0.1:3000', host()), {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-scope-orgid': tenant },
        body: JSON.stringify({ streams: [{ stream: { job: 'shop' }, values }] }),
      });
      expect(response.status, await response.text()).toBe(204);
      expect(tenant).toBe('shop');
    },
  );

  it.each(named('filebeat', 'vector'))(
    '%s is accepted in the form that it sends',
    async (_title, { text }) => {
      const { 'output.elasticsearch': beat, sinks } = parse(text);
      const { hosts, endpoints, parameters, query } = beat ?? sinks.logbert;
      const [endpoint] = hosts ?? endpoints;
      const base = endpoint.replace('127.0.0.1:3000', host());
      const { stream } = parameters ?? query;
      const info = await fetch(base, { headers: { accept: 'application/json' } });
      expect(info.headers.get('x-elastic-product')).toBe('Elasticsearch');
      const action = '{"create":{"_index":"logs-2026.03.01"}}';
      const documents = LINES.map((message) =>
        JSON.stringify({ '@timestamp': '2026-03-01T10:00:00.120Z', message }),
      );
      const response = await fetch(`${base}/_bulk?stream=${stream}`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-ndjson', 'content-encoding': 'gzip' },
        body: gzipSync(documents.map((line) => `${action}\n${line}\n`).join('')),
      });
      expect(await response.json()).toMatchObject({ errors: false });
      expect(stream).toBe('shop');
    },
  );

  it.skipIf(!hasRsyslog('imptcp')).each(named('rsyslog-http'))(
    '%s: what its template writes is accepted where it sends it',
    async (_title, { text }) => {
      const action = /action\(type="omhttp"[\s\S]*?\)\s*$/.exec(text)?.[0] ?? '';
      const setting = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(action)?.[1] ?? '';
      const template = /template\([\s\S]*?\n\}/.exec(text)?.[0] ?? '';
      await using rsyslog = await Rsyslog.start(
        `${template}\naction(type="omfile" file="$DIRECTORY/out" template="${setting('template')}")`,
      );
      await rsyslog.send(SYSLOG_LINES);
      const written = await eventually(
        () => readFile(join(rsyslog.directory, 'out'), 'utf8').catch(() => ''),
        (out) => out.trim().split('\n').length === LINES.length,
        { withinMs: 20_000 },
      );
      expect(setting('batch.format')).toBe('jsonarray');
      const receipt = await ask(`${server.url}/${setting('restpath')}`, ingestReceiptSchema, {
        method: 'POST',
        status: 202,
        headers: { 'content-type': setting('httpcontenttype') },
        body: `[${written.trim().split('\n').join(',')}]`,
      });
      expect(receipt).toEqual({ accepted: LINES.length, rejected: 0, reasons: [] });
    },
  );

  it('has processed every line that the examples sent', async () => {
    const sent = await sumOf(server.url, 'logbert_ingest_lines_total');
    expect(sent).toBeGreaterThan(0);
    await eventually(
      () => sumOf(server.url, 'logbert_lines_processed_total'),
      (processed) => processed === sent,
      { withinMs: PROCESSED_WITHIN_MS },
    );
    expect(await sumOf(server.url, 'logbert_decode_failures_total')).toBe(0);
  });
});

const brokers = process.env['LOGBERT_TEST_KAFKA'];

describe.skipIf(!brokers)('examples over Kafka', () => {
  const topic = `logs-${randomUUID()}`;
  let server: Server;
  let folder: string;

  beforeAll(async () => {
    const kafka = 'LOGBERT__LOGSTREAM__KAFKA__';
    server = await Server.start({
      environment: {
        LOGBERT__LOGSTREAM__KIND: 'kafka',
        [`${kafka}BROKERS`]: JSON.stringify(brokers?.split(',')),
        [`${kafka}LOGS`]: JSON.stringify([{ topic, stream: 'default' }]),
        [`${kafka}GROUPID`]: `examples-${randomUUID()}`,
        [`${kafka}ANOMALIESTOPIC`]: `${topic}-anomalies`,
        [`${kafka}INCIDENTSTOPIC`]: `${topic}-incidents`,
        [`${kafka}DEADLETTERTOPIC`]: `${topic}-dlq`,
        [`${kafka}CREATETOPICS`]: 'true',
      },
    });
    folder = await mkdtemp(join(tmpdir(), 'logbert-examples-'));
    await writeFile(join(folder, 'app.log'), `${LINES.join('\n')}\n`);
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  const processedOf = (stream: string) =>
    sumOf(server.url, 'logbert_lines_processed_total', [`stream="${stream}"`]);
  const expectProcessed = async (stream: string, before: number) => {
    const fits = (processed: number) => processed - before === LINES.length;
    await eventually(() => processedOf(stream), fits, { withinMs: PROCESSED_WITHIN_MS });
  };
  const here = (text: string) =>
    text
      .replaceAll('127.0.0.1:9092', brokers ?? '')
      .replace(/-t logs\b/, `-t ${topic}`)
      .replace('topic="logs"', `topic="${topic}"`);

  it.skipIf(!isInstalled('kcat')).each(named('kafka'))(
    '%s: kcat is read',
    async (_title, { text }) => {
      const before = await processedOf('shop');
      await execute('bash', ['-euo', 'pipefail', '-c', here(text)], { cwd: folder });
      await expectProcessed('shop', before);
    },
  );

  it.skipIf(!hasRsyslog('omkafka')).each(named('rsyslog-kafka'))(
    '%s: rsyslog is read',
    async (_title, { text }) => {
      const before = await processedOf('default');
      await using rsyslog = await Rsyslog.start(here(text));
      await rsyslog.send(SYSLOG_LINES);
      await expectProcessed('default', before);
    },
  );
});
