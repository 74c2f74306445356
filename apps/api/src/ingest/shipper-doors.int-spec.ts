import { gzipSync } from 'node:zlib';
import { ingestReceiptSchema, problemSchema, ROUTES } from '@logbert/contracts';
import { type LogStream, type RawRecord, SpoolFullFailure } from '@logbert/log-stream';
import protobuf from 'protobufjs';
import { compress } from 'snappyjs';
import request from 'supertest';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { LOG_STREAM } from '../messaging/log-stream.token';
import { startTestServer, type TestServer } from '../testing/test-server';

const KEY = 'a-key-of-more-than-16-characters';
const NDJSON = 'application/x-ndjson';
const lineSchemaOf = (line: string) => JSON.parse(line) as Record<string, unknown>;

describe('doors of shippers', () => {
  let server: TestServer;
  let logStream: LogStream;

  beforeAll(async () => {
    server = await startTestServer({ server: { bodyLimitBytes: 4_096, lineLimitBytes: 256 } });
    logStream = server.application.nest.get<LogStream>(LOG_STREAM);
  });
  afterEach(() => vi.restoreAllMocks());
  afterAll(() => server[Symbol.asyncDispose]());

  async function linesOf(stream: string): Promise<string[]> {
    const range = { stream, fromMs: 0, toMs: Date.now() + 1, limit: 1_000 };
    const records: RawRecord[] = [];
    for await (const record of logStream.read(range)) records.push(record);
    return records.map(({ value }) => new TextDecoder().decode(value));
  }
  const refuseAppends = () =>
    vi.spyOn(logStream, 'append').mockRejectedValue(new SpoolFullFailure('the disk is full'));

  describe('Zstandard', () => {
    /** `line one\nline two\n` and 100,000 times `x`, by zstd 1.5. */
    const LINES = Buffer.from('KLUv/QRYkQAAbGluZSBvbmUKbGluZSB0d28KK4y37g==', 'base64');
    const BOMB = Buffer.from('KLUv/QRYVQAAEHh4AQCbhjnAAls0WwI=', 'base64');
    const post = (body: Buffer) =>
      request(server.url)
        .post(`${ROUTES.logs}?stream=zstd`)
        .set('content-type', 'text/plain')
        .set('content-encoding', 'zstd')
        .send(body);

    it('is unpacked', async () => {
      const { accepted } = ingestReceiptSchema.parse((await post(LINES)).body);
      expect(accepted).toBe(2);
      expect(await linesOf('zstd')).toEqual(['line one', 'line two']);
    });

    it.each([
      [413, 'unpacks to more than a body may be', BOMB],
      [400, 'is damaged', LINES.subarray(0, 12)],
      [400, 'is something else', Buffer.from('plain')],
      [400, 'is empty', Buffer.alloc(0)],
    ])('gets %i when it %s', async (status, _what, body) => {
      expect((await post(body)).status).toBe(status);
    });
  });

  describe('Loki', () => {
    const push = (query = '') => request(server.url).post(`${ROUTES.lokiPush}${query}`);
    const body = (...values: unknown[]) => ({ streams: [{ stream: { app: 'cart' }, values }] });

    it('takes JSON, compressed or not, for the stream of a parameter, a header or the tenant', async () => {
      const text = JSON.stringify(body(['1772359200120000000', 'level=warn msg="no stock"']));
      await push('?stream=loki').type('application/json').send(text).expect(204);
      await push()
        .set('logbert-stream', 'loki')
        .set('content-type', 'application/json')
        .set('content-encoding', 'gzip')
        .serialize((bytes) => bytes)
        .send(gzipSync(text))
        .expect(204);
      await push().set('x-scope-orgid', 'loki').type('application/json').send(text).expect(204);
      const lines = await linesOf('loki');
      expect(lines).toHaveLength(3);
      for (const line of lines) {
        expect(lineSchemaOf(line)).toEqual({
          timestamp: 1772359200120,
          service: 'cart',
          level: 'warn',
          message: 'no stock',
          app: 'cart',
        });
      }
    });

    it('takes protobuf packed by Snappy, as Promtail and Alloy send it', async () => {
      const { root } = protobuf.parse(`syntax = "proto3";
        message Push { repeated Stream streams = 1; }
        message Stream { string labels = 1; repeated Entry entries = 2; uint64 hash = 3; }
        message Entry { Time timestamp = 1; string line = 2; repeated Label structuredMetadata = 3; }
        message Time { int64 seconds = 1; int32 nanos = 2; }
        message Label { string name = 1; string value = 2; }`);
      const entry = {
        timestamp: { seconds: 1772359200, nanos: 120_000_000 },
        line: 'added item 17',
        structuredMetadata: [{ name: 'trace_id', value: 't-1' }],
      };
      const labels = '{job="cart", level="info"}';
      const type = root.lookupType('Push');
      const bytes = type.encode(type.create({ streams: [{ labels, entries: [entry] }] })).finish();
      await push('?stream=loki-pb')
        .set('content-type', 'application/x-protobuf')
        .send(Buffer.from(compress(bytes)))
        .expect(204);
      expect((await linesOf('loki-pb')).map(lineSchemaOf)).toEqual([
        {
          timestamp: 1772359200120,
          service: 'cart',
          level: 'info',
          message: 'added item 17',
          trace_id: 't-1',
          job: 'cart',
        },
      ]);
    });

    it('says which entries it refused, once the others are kept', async () => {
      const sent = body(['1', 'one'], ['2', 'x'.repeat(300)], ['3', 'three']);
      const answer = await push('?stream=loki-partly').send(sent);
      expect(answer.status).toBe(400);
      expect(answer.headers['retry-after']).toBeUndefined();
      const problem = problemSchema.parse(JSON.parse(answer.text));
      expect(problem).toMatchObject({
        code: 'request/partly-refused',
        detail: expect.stringMatching(/^1 of 3 refused, the rest is kept.*entry 2 \(too long/),
        errors: [{ field: 'line 2' }],
      });
      // Clients show the first line of an answer.
      expect(answer.text).not.toContain('\n');
      const kept = (await linesOf('loki-partly')).map(lineSchemaOf);
      expect(kept.map(({ message }) => message)).toEqual(['one', 'three']);
    });

    it('refuses a push of which nothing can be kept', async () => {
      const answer = await push().send(body(['1', 'x'.repeat(300)]));
      const problem = problemSchema.parse(JSON.parse(answer.text));
      expect(problem).toMatchObject({ status: 400, code: 'request/invalid' });
    });

    it.each([
      [400, 'no JSON', 'application/json', '{'],
      [400, 'another form', 'application/json', '{}'],
      [400, 'no Snappy', 'application/x-protobuf', 'xyz'],
      [415, 'another type', 'application/xml', '<a/>'],
      [413, 'a body over the limit', 'application/json', `"${'x'.repeat(5_000)}"`],
      [413, 'a bomb of Snappy', 'application/x-protobuf', compress(Buffer.alloc(60_000))],
    ])('answers %i for %s', async (status, _what, type, sent) => {
      const answer = await push().set('content-type', type).send(sent);
      expect(answer.status).toBe(status);
      expect(problemSchema.parse(JSON.parse(answer.text)).status).toBe(status);
    });

    it('says when to come again while nothing can be kept', async () => {
      refuseAppends();
      const answer = await push().send(body(['1', 'x']));
      expect(answer.status).toBe(503);
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    });
  });

  describe('Elasticsearch', () => {
    const action = '{"create":{"_index":"filebeat-8"}}';
    const bulk = (path: string, ...lines: string[]) =>
      request(server.url)
        .post(path)
        .set('content-type', NDJSON)
        .send(`${lines.join('\n')}\n`);

    it('takes documents as they came, with a result each', async () => {
      const good = '{"@timestamp":"2026-03-01T10:00:00.120Z","message":"one"}';
      const answer = await bulk(
        `${ROUTES.elasticsearchBulk}?stream=elastic`,
        ...[action, good, action, `{"message":"${'x'.repeat(300)}"}`, '{"delete":{"_id":"1"}}'],
      );
      expect(answer.status).toBe(200);
      expect(answer.headers['x-elastic-product']).toBe('Elasticsearch');
      expect(answer.body).toMatchObject({
        errors: true,
        items: [
          { create: { _index: 'filebeat-8', status: 201, result: 'created' } },
          { create: { status: 400, error: { reason: expect.stringContaining('too long') } } },
          { delete: { _id: '1', status: 400 } },
        ],
      });
      expect(await linesOf('elastic')).toEqual([good]);
    });

    it.each(['/_bulk', '/shop/_bulk', '/elasticsearch/shop/_bulk/'])('is at %s', async (path) => {
      const answer = await bulk(`${path}?stream=elastic-at`, '{"index":{}}', '{"message":"m"}');
      expect(answer.body).toMatchObject({ errors: false, items: [{ index: { status: 201 } }] });
    });

    it('keeps nothing and fails nothing when every document is refused', async () => {
      const answer = await bulk(ROUTES.elasticsearchBulk, action, 'no json');
      expect(answer.body).toMatchObject({ errors: true, items: [{ create: { status: 400 } }] });
      expect((await bulk(ROUTES.elasticsearchBulk, 'no json')).status).toBe(400);
    });

    it('says who it is, and that all is set up', async () => {
      const at = (path: string) => request(server.url).get(path).set('accept', 'application/json');
      for (const path of ['/', ROUTES.elasticsearch]) {
        const answer = await at(path).expect(200);
        expect(answer.body.version.number).toMatch(/^8\./);
        expect(answer.headers['x-elastic-product']).toBe('Elasticsearch');
      }
      await request(server.url).head(ROUTES.elasticsearch).expect(200);
      const licence = await at('/_license').expect(200);
      expect(licence.body.license).toMatchObject({ status: 'active' });
      const probes = ['/_ilm/policy/filebeat', '/_index_template/filebeat-8', '/_cluster/health'];
      for (const path of probes) await at(path).expect(200);
      await request(server.url).head('/_data_stream/filebeat-8').expect(200);
    });

    it('says when to come again while nothing can be kept', async () => {
      refuseAppends();
      const answer = await bulk(ROUTES.elasticsearchBulk, action, '{"message":"m"}');
      expect(answer.status).toBe(503);
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    });
  });
});

describe('doors of shippers with keys', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer({ auth: { apiKeys: [KEY] } });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const encoded = (text: string) => Buffer.from(text).toString('base64');
  const lokiStatus = async (authorization: string) =>
    (
      await request(server.url)
        .post(ROUTES.lokiPush)
        .set('authorization', authorization)
        .send({ streams: [] })
    ).status;

  it.each([
    ['Bearer', `Bearer ${KEY}`],
    ['a user and the key as password', `Basic ${encoded(`logbert:${KEY}`)}`],
    ['an id and the key', `ApiKey ${encoded(`id:${KEY}`)}`],
    ['the key alone', `ApiKey ${KEY}`],
  ])('let in by %s', async (_way, authorization) => {
    expect(await lokiStatus(authorization)).toBe(204);
    const info = request(server.url).get(ROUTES.elasticsearch);
    await info.set('authorization', authorization).expect(200);
  });

  it('refuse other keys, and passwords at other doors', async () => {
    expect(await lokiStatus(`Basic ${encoded('logbert:another-key-of-16')}`)).toBe(401);
    expect(await lokiStatus('Basic !')).toBe(401);
    const streams = request(server.url).get(ROUTES.streams);
    await streams.set('authorization', `Basic ${encoded(`logbert:${KEY}`)}`).expect(401);
  });
});
