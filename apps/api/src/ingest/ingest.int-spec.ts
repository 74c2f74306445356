import { type ClientRequest, request as openRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import { ingestReceiptSchema, problemSchema, ROUTES } from '@logbert/contracts';
import type { LogStream, RawRecord } from '@logbert/log-stream';
import protobuf from 'protobufjs';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LOG_STREAM } from '../messaging/log-stream.token';
import { startTestServer, type TestServer } from '../testing/test-server';

/** An OTLP request of log records that have a text only. */
function otlpBytes(request: object): Buffer {
  const { root } = protobuf.parse(`syntax = "proto3";
    message Request { repeated ResourceLogs resourceLogs = 1; }
    message ResourceLogs { repeated ScopeLogs scopeLogs = 2; }
    message ScopeLogs { repeated LogRecord logRecords = 2; }
    message LogRecord { AnyValue body = 5; }
    message AnyValue { string stringValue = 1; }`);
  const type = root.lookupType('Request');
  return Buffer.from(type.encode(type.fromObject(request)).finish());
}

describe('ingest', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer({ server: { bodyLimitBytes: 4_096, lineLimitBytes: 256 } });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const post = (path: string, type: string) =>
    request(server.url).post(path).set('content-type', type);

  async function linesOf(stream: string): Promise<string[]> {
    const logStream = server.application.nest.get<LogStream>(LOG_STREAM);
    const range = { stream, fromMs: 0, toMs: Date.now() + 1, limit: 1_000 };
    const records: RawRecord[] = [];
    for await (const record of logStream.read(range)) records.push(record);
    return records.map(({ value }) => new TextDecoder().decode(value));
  }

  it('keeps NDJSON lines before it answers', async () => {
    const body = '{"message":"one"}\n{"message":"two"}\n';
    const answer = await post(`${ROUTES.logs}?stream=ndjson`, 'application/x-ndjson').send(body);
    expect(answer.status).toBe(202);
    expect(ingestReceiptSchema.parse(answer.body)).toEqual({
      accepted: 2,
      rejected: 0,
      reasons: [],
    });
    expect(await linesOf('ndjson')).toEqual(['{"message":"one"}', '{"message":"two"}']);
  });

  it('takes gzip, a JSON array and text', async () => {
    await post(`${ROUTES.logs}?stream=kinds`, 'text/plain')
      .set('content-encoding', 'gzip')
      .send(gzipSync('zipped'))
      .expect(202);
    await post(`${ROUTES.logs}?stream=kinds`, 'application/json').send('["element"]').expect(202);
    expect(await linesOf('kinds')).toEqual(['zipped', 'element']);
  });

  it('makes the stream known', async () => {
    await post(`${ROUTES.logs}?stream=fresh`, 'text/plain').send('hello').expect(202);
    await request(server.url).get(ROUTES.stream.replace(':name', 'fresh')).expect(200);
  });

  it('lets few requests of a stream in, has some wait and the rest come again, and leaves other streams alone', async () => {
    const refusals: (string | undefined)[] = [];
    const path = `${ROUTES.logs}?stream=flooded`;
    // Their bodies never come.
    const unfinished: ClientRequest[] = Array.from({ length: 40 }, (_, number) => {
      const packing = number % 2 === 0 ? {} : { 'content-encoding': 'gzip' };
      const headers = { 'content-type': 'text/plain', 'content-length': 5, ...packing };
      const one = openRequest(`${server.url}${path}`, { method: 'POST', headers, agent: false });
      one.on('error', () => undefined);
      one.on('response', ({ statusCode, headers: answered }) =>
        refusals.push(`${statusCode} ${answered['retry-after']}`),
      );
      one.flushHeaders();
      return one;
    });
    await expect.poll(() => refusals.length, { timeout: 10_000 }).toBe(6);
    expect(new Set(refusals)).toEqual(new Set(['503 1']));
    await post(`${ROUTES.logs}?stream=calm`, 'text/plain').send('hello').expect(202);

    for (const one of unfinished) one.destroy();
    await expect
      .poll(async () => (await post(path, 'text/plain').send('hello')).status, { timeout: 10_000 })
      .toBe(202);
  });

  it('takes the good lines and names the bad ones', async () => {
    const body = `fine\n${'x'.repeat(300)}\nalso fine`;
    const answer = await post(`${ROUTES.logs}?stream=mixed`, 'text/plain').send(body);
    const { accepted, rejected, reasons } = ingestReceiptSchema.parse(answer.body);
    expect({ accepted, rejected }).toEqual({ accepted: 2, rejected: 1 });
    expect(reasons[0]).toMatchObject({ line: 2 });
    expect(reasons[0]?.reason).toContain('too long');
  });

  it('refuses a body without one good line, with line numbers', async () => {
    const answer = await post(ROUTES.logs, 'application/x-ndjson').send('{"a":1\n[]\n');
    expect(answer.status).toBe(400);
    expect(answer.type).toBe('application/problem+json');
    const { errors } = problemSchema.parse(JSON.parse(answer.text));
    expect(errors?.map(({ field }) => field)).toEqual(['line 1', 'line 2']);
  });

  it.each([
    ['an unknown content type', 415, 'application/xml', '<a/>'],
    ['a JSON body that does not parse', 400, 'application/json', '{'],
    ['a body over the limit', 413, 'text/plain', 'x'.repeat(5_000)],
    ['an empty body', 400, 'text/plain', ''],
  ])('answers %s with %i', async (_case, status, type, body) => {
    const answer = await post(ROUTES.logs, type).send(body);
    expect(answer.status).toBe(status);
    expect(problemSchema.parse(JSON.parse(answer.text))).toMatchObject({ status });
  });

  it('bounds what a compressed body unpacks to', async () => {
    const bomb = gzipSync('x'.repeat(100_000));
    const answer = await post(ROUTES.logs, 'text/plain').set('content-encoding', 'gzip').send(bomb);
    expect(answer.status).toBe(413);
  });

  it('tells a body that does not decompress', async () => {
    const answer = await post(ROUTES.logs, 'text/plain')
      .set('content-encoding', 'gzip')
      .send('this is no gzip');
    expect(answer.status).toBe(400);
  });

  it('refuses a wrong stream name by its field', async () => {
    const answer = await post(`${ROUTES.logs}?stream=No%20Name`, 'text/plain').send('x');
    expect(answer.status).toBe(400);
    expect(problemSchema.parse(JSON.parse(answer.text)).errors?.[0]?.field).toBe('stream');
  });

  it('takes OTLP as JSON', async () => {
    const record = { timeUnixNano: '1', severityText: 'INFO', body: { stringValue: 'paid' } };
    const body = { resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] };
    const answer = await post(`${ROUTES.otlpLogs}?stream=otlp`, 'application/json').send(body);
    expect([answer.status, answer.type, answer.body]).toEqual([200, 'application/json', {}]);
    expect((await linesOf('otlp'))[0]).toContain('paid');
  });

  it('takes OTLP as protobuf', async () => {
    // resourceLogs { scopeLogs { logRecords { body { stringValue: "hi" } traceId: 0x0102 } } }
    const bytes = Buffer.from('0a0e120c120a2a040a0268694a020102', 'hex');
    const answer = await post(`${ROUTES.otlpLogs}?stream=otlp-pb`, 'application/x-protobuf').send(
      bytes,
    );
    expect([answer.status, answer.type]).toEqual([200, 'application/x-protobuf']);
    expect(answer.headers['content-length']).toBe('0');
    const [line] = await linesOf('otlp-pb');
    expect(JSON.parse(line ?? '')).toMatchObject({ message: 'hi', trace_id: '0102' });
  });

  it('tells OTLP as a partial success what it refused of a request, and keeps the rest', async () => {
    const records = ['one', 'x'.repeat(300), 'three'].map((stringValue) => ({
      body: { stringValue },
    }));
    const path = `${ROUTES.otlpLogs}?stream=otlp-partly`;
    const sent = { resourceLogs: [{ scopeLogs: [{ logRecords: records }] }] };
    const answer = await post(path, 'application/json').send(sent);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      partialSuccess: {
        rejectedLogRecords: '1',
        errorMessage: expect.stringContaining('log record 2 (too long'),
      },
    });
    const inProtobuf = await post(path, 'application/x-protobuf')
      .send(otlpBytes(sent))
      .buffer(true)
      .parse((response, done) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => done(null, Buffer.concat(chunks)));
      });
    expect([inProtobuf.status, inProtobuf.type]).toEqual([200, 'application/x-protobuf']);
    // partial_success (1) { rejected_log_records (1) 1; error_message (2) … }
    const bytes: Buffer = inProtobuf.body;
    expect([bytes[0], bytes.subarray(2, 5).toString('hex')]).toEqual([0x0a, '080112']);
    expect(bytes.toString()).toContain('log record 2 (too long');
    expect((await linesOf('otlp-partly')).map((line) => JSON.parse(line).message)).toEqual([
      ...['one', 'three'],
      ...['one', 'three'],
    ]);
  });

  it('refuses an OTLP request of which nothing can be kept', async () => {
    const record = { body: { stringValue: 'x'.repeat(300) } };
    const sent = { resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] };
    const answer = await post(ROUTES.otlpLogs, 'application/json').send(sent);
    expect(problemSchema.parse(JSON.parse(answer.text))).toMatchObject({ status: 400 });
  });

  it('says to an exporter of protobuf in its own form why an export was refused', async () => {
    const answer = await post(ROUTES.otlpLogs, 'application/x-protobuf')
      .responseType('blob')
      .send(Buffer.from([0xff, 0xff]));
    expect(answer.status).toBe(400);
    expect(answer.type).toBe('application/x-protobuf');
    const { root } = protobuf.parse(
      'syntax = "proto3"; message Status { int32 code = 1; string message = 2; }',
    );
    const status = root.lookupType('Status').decode(answer.body).toJSON();
    expect(status).toMatchObject({ code: 3, message: expect.stringContaining('body') });
  });

  it('keeps an upload and bounds nothing else', async () => {
    const answer = await post(ROUTES.uploads, 'application/octet-stream').send(
      Buffer.from('a\nb\n'),
    );
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({ bytes: 4 });
  });
});

describe('ingest with as many streams as there may be', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer({ server: { maxStreams: 2 } });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const send = (stream: string) =>
    request(server.url).post(`${ROUTES.logs}?stream=${stream}`).type('text').send('a line');
  const configure = (stream: string) =>
    request(server.url).put(ROUTES.stream.replace(':name', stream)).send({});

  it('refuses one more and goes on with those that exist', async () => {
    await send('one').expect(202);
    await configure('two').expect(200);
    for (const refused of [await send('three'), await configure('three')]) {
      expect(refused.status).toBe(429);
      expect(refused.headers['retry-after']).toBe('60');
      expect(refused.type).toBe('application/problem+json');
      const problem = problemSchema.parse(JSON.parse(refused.text));
      expect(problem).toMatchObject({ code: 'request/too-many-streams' });
      expect(problem.detail).toContain('server.maxStreams');
    }
    await send('two').expect(202);
    await configure('one').expect(200);
    await request(server.url).get(ROUTES.stream.replace(':name', 'three')).expect(404);
  });
});
