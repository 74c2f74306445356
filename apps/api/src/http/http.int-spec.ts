import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Problem, problemSchema, ROUTES } from '@logbert/contracts';
import { METRICS } from '@logbert/telemetry';
import type { Express } from 'express';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPERATIONS } from '../openapi/operations';
import { startTestServer, type TestServer } from '../testing/test-server';

const KEY = 'a-key-of-more-than-16-characters';

describe('the HTTP server', () => {
  let server: TestServer;
  let programs: string;

  beforeAll(async () => {
    programs = mkdtempSync(join(tmpdir(), 'logbert-programs-'));
    const browser = join(programs, 'dashboard/browser');
    mkdirSync(browser, { recursive: true });
    writeFileSync(join(browser, 'index.html'), '<title>dashboard</title>');
    writeFileSync(join(browser, 'main-ABCDEFGH.js'), 'export {}');
    server = await startTestServer({}, join(programs, 'api'));
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    rmSync(programs, { recursive: true });
  });

  function problemIn(answer: { readonly type: string; readonly text: string }): Problem {
    expect(answer.type).toBe('application/problem+json');
    return problemSchema.parse(JSON.parse(answer.text));
  }

  it('answers an unknown address with a problem document', async () => {
    const answer = await request(server.url).get('/api/v1/nothing');
    expect(problemIn(answer)).toMatchObject({ status: 404, instance: '/api/v1/nothing' });
  });

  it('names each wrong field with its reason', async () => {
    const answer = await request(server.url)
      .post(ROUTES.trainingJobs)
      .send({ stream: 'No', source: { kind: 'file' }, colour: 1 });
    const { status, errors = [] } = problemIn(answer);
    expect(status).toBe(400);
    expect(errors.map(({ field }) => field).sort()).toEqual(['colour', 'source.path', 'stream']);
  });

  it.each([
    ['a body that is no JSON', '{', 400],
    ['a body over the limit', JSON.stringify({ text: 'x'.repeat(400_000) }), 413],
  ])('answers %s', async (_case, body, status) => {
    const answer = await request(server.url)
      .post(ROUTES.rca)
      .set('content-type', 'application/json')
      .send(body);
    expect(problemIn(answer).status).toBe(status);
  });

  it.each([ROUTES.anomaly, ROUTES.incident, ROUTES.trainingJob, ROUTES.incidentRootCause])(
    'answers 404 for an unknown id at %s',
    async (path) => {
      const answer = await request(server.url).get(path.replace(':id', 'nothing'));
      expect(problemIn(answer).status).toBe(404);
    },
  );

  it('refuses the character NUL, in ids and cursors too', async () => {
    const cursor = Buffer.from('[1,"\\u0000"]').toString('base64url');
    for (const path of [
      `${ROUTES.incidents}/a%00b`,
      `${ROUTES.incidents}?cursor=${cursor}`,
      `${ROUTES.anomalies}?service=a%00`,
    ]) {
      const answer = await request(server.url).get(path);
      expect(problemIn(answer).status).toBe(400);
    }
  });

  it('rejects a line that is nested beyond measure, and takes its neighbour', async () => {
    const deep = '['.repeat(150_000) + ']'.repeat(150_000);
    const { status, body } = await request(server.url)
      .post(ROUTES.logs)
      .type('application/json')
      .send(`[{"deep":${deep}},{"message":"m"}]`);
    expect(status).toBe(202);
    expect(body).toMatchObject({ accepted: 1, rejected: 1 });
    expect(body.reasons).toEqual([{ line: 1, reason: 'nested too deeply' }]);
  });

  it.each([`${ROUTES.logs}/`, ROUTES.logs.toUpperCase()])(
    'reads its own bodies at %s',
    async (path) => {
      const text = JSON.stringify([{ message: 'x'.repeat(300_000) }]);
      await request(server.url).post(path).type('application/json').send(text).expect(202);
    },
  );

  it('refuses a cursor that no list has given', async () => {
    const answer = await request(server.url).get(`${ROUTES.incidents}?cursor=oops`);
    expect(problemIn(answer).status).toBe(400);
  });

  it('measures files of the dashboard apart from what nothing answers', async () => {
    await request(server.url).get('/').expect(200);
    await request(server.url).get('/api/v1/no-such-door').expect(404);
    const { text } = await request(server.url).get('/metrics');
    expect(text).toMatch(/logbert_http_request_seconds_count\{[^}]*route="files",status="200"/);
    expect(text).toMatch(/logbert_http_request_seconds_count\{[^}]*route="unmatched",status="404"/);
    expect(text).not.toMatch(/route="unmatched",status="200"/);
  });

  it('serves the dashboard, its pages and its files', async () => {
    const page = await request(server.url).get('/incidents/1').set('accept', 'text/html');
    expect(page.status).toBe(200);
    expect(page.text).toContain('dashboard');
    expect(page.headers['cache-control']).toBe('no-cache');
    const file = await request(server.url).get('/main-ABCDEFGH.js').expect(200);
    expect(file.headers['cache-control']).toContain('immutable');
    await request(server.url).get('/missing.js').set('accept', 'text/html').expect(404);
  });

  it('sets security headers and does not say what it is made of', async () => {
    const { headers } = await request(server.url).get('/');
    expect(headers['content-security-policy']).toContain("default-src 'self'");
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['x-powered-by']).toBeUndefined();
  });

  it('is alive and ready', async () => {
    await request(server.url).get(ROUTES.healthLive).expect(200);
    const { body } = await request(server.url).get(ROUTES.healthReady).expect(200);
    expect(Object.keys(body.details)).toEqual(['database', 'artifactStore', 'logStream']);
  });

  it('shows every metric of the table', async () => {
    const { text } = await request(server.url).get(ROUTES.metrics).expect(200);
    for (const { name } of Object.values(METRICS)) expect(text).toContain(`# TYPE ${name} `);
  });

  it('documents exactly the doors that it has', async () => {
    const { body } = await request(server.url).get(ROUTES.openApi).expect(200);
    const documented = Object.entries(body.paths as Record<string, object>).flatMap(
      ([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`),
    );
    const real = routesOf(server).map((door) => door.replace(/:(\w+)/g, '{$1}'));
    expect(documented.sort()).toEqual(real.sort());
    expect(documented).toHaveLength(OPERATIONS.length);
    await request(server.url).get(`${ROUTES.docs}/`).expect(200);
  });

  it('lets nobody in without a key when keys are configured', async () => {
    const guarded = await startTestServer({ auth: { apiKeys: [KEY] } });
    const get = (path: string) => request(guarded.url).get(path);
    const refusal = await get(ROUTES.streams);
    expect(problemIn(refusal).status).toBe(401);
    expect(refusal.headers['www-authenticate']).toBe('Bearer');
    await get(ROUTES.streams).set('authorization', `Bearer ${KEY}x`).expect(401);
    await get(ROUTES.streams).set('authorization', `Bearer ${KEY}`).expect(200);
    await get(`${ROUTES.streams}?access_token=${KEY}`).expect(401);
    await request(guarded.url).post(ROUTES.logs).type('text/plain').send('x').expect(401);
    await get(ROUTES.healthLive).expect(200);
    await get(ROUTES.metrics).expect(200);
    const events = await fetch(`${guarded.url}${ROUTES.events}?access_token=${KEY}`);
    expect(events.status).toBe(200);
    await events.body?.cancel();
    await guarded[Symbol.asyncDispose]();
  });

  it('answers to its own names only while there are no keys', async () => {
    const call = (to: string, host: string) => request(to).get(ROUTES.streams).set('host', host);
    for (const host of ['localhost:3000', '127.0.0.1', '[::1]:3000', 'LocalHost.']) {
      await call(server.url, host).expect(200);
    }
    const refusal = await call(server.url, 'evil.example:3000');
    expect(problemIn(refusal)).toMatchObject({ status: 421, code: 'request/misdirected' });
    await request(server.url).get('/').set('host', 'evil.example').expect(421);
    await request(server.url).get(ROUTES.healthLive).set('host', '10.0.0.7').expect(200);

    await using named = await startTestServer({ server: { allowedHosts: ['logs.example'] } });
    await call(named.url, 'logs.example').expect(200);
    await call(named.url, 'other.example').expect(421);
    await using keyed = await startTestServer({ auth: { apiKeys: [KEY] } });
    await call(keyed.url, 'any.example').set('authorization', `Bearer ${KEY}`).expect(200);
  });

  it('lets every name in where it listens to other machines', async () => {
    await using open = await startTestServer({ server: { host: '0.0.0.0' } });
    const url = open.url.replace('0.0.0.0', '127.0.0.1');
    await request(url).get(ROUTES.streams).set('host', 'logbert.svc').expect(200);
  });

  it('changes nothing for pages of other sites', async () => {
    const post = () => request(server.url).post(ROUTES.logs).type('text/plain');
    const refusal = await post().set('origin', 'http://evil.example').send('x');
    expect(problemIn(refusal)).toMatchObject({ status: 403, code: 'request/cross-site' });
    await post().set('origin', 'null').send('x').expect(403);
    await post().set('sec-fetch-site', 'cross-site').send('x').expect(403);
    await post()
      .set('origin', server.url)
      .set('sec-fetch-site', 'same-origin')
      .send('x')
      .expect(202);
    await post().send('x').expect(202);
    await request(server.url).get(ROUTES.streams).set('origin', 'http://evil.example').expect(200);
  });

  it('slows down who asks too much, ingest and health aside', async () => {
    const strict = await startTestServer({ server: { requestsPerMinute: 2 } });
    for (let turn = 0; turn < 2; turn++) await request(strict.url).get(ROUTES.streams).expect(200);
    const answer = await request(strict.url).get(ROUTES.streams);
    expect(problemIn(answer).status).toBe(429);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    await request(strict.url).post(ROUTES.logs).type('text/plain').send('x').expect(202);
    await request(strict.url).get(ROUTES.healthLive).expect(200);
    await strict[Symbol.asyncDispose]();
  });

  it('has only the doors of operations without the api role', async () => {
    const trainer = await startTestServer({ roles: ['trainer'] });
    await request(trainer.url).get(ROUTES.healthReady).expect(200);
    await request(trainer.url).get(ROUTES.streams).expect(404);
    await request(trainer.url).post(ROUTES.logs).type('text/plain').send('x').expect(404);
    await trainer[Symbol.asyncDispose]();
  });
});

/** The doors as Express knows them, without those of the documentation itself. */
function routesOf(server: TestServer): string[] {
  const express: Express = server.application.nest.getHttpAdapter().getInstance();
  return express.router.stack
    .flatMap(({ route }) =>
      route ? route.stack.map(({ method }) => `${method} ${route.path}`) : [],
    )
    .filter((door) => !door.includes(ROUTES.docs));
}
