import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROUTES } from '@logbert/contracts';
import { METRICS } from '@logbert/telemetry';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { LOG_STREAM } from '../messaging/log-stream.token';
import { startTestServer, type TestServer } from '../testing/test-server';

/** A detector thread with nothing to do. */
const WORKER = `require('node:worker_threads').parentPort.on('message', () => undefined);`;

describe('health', () => {
  const programs = mkdtempSync(join(tmpdir(), 'logbert-programs-'));
  writeFileSync(join(programs, 'detector-worker.js'), WORKER);
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ roles: ['api', 'detector'] }, programs);
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    rmSync(programs, { recursive: true });
  });

  it('is not live while lines wait and no position advances', async () => {
    const stream = server.application.nest.get(LOG_STREAM);
    await request(server.url).get(ROUTES.healthLive).expect(200);
    const progress = vi.spyOn(stream, 'isProgressing').mockReturnValue(false);
    const stuck = await request(server.url).get(ROUTES.healthLive);
    expect(stuck.status).toBe(503);
    expect(stuck.text).toContain('no position has advanced lately');
    progress.mockRestore();
    await request(server.url).get(ROUTES.healthLive).expect(200);
  });

  it('tells of each partition how many records wait, and how old the oldest is', async () => {
    const stream = server.application.nest.get(LOG_STREAM);
    const place = { source: 'logs', partition: 3, committed: 10, end: 12, lag: 2 };
    vi.spyOn(stream, 'lag').mockResolvedValue([place]);
    const labels = '{source="logs",partition="3"}';
    await request(server.url).get(ROUTES.metrics);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const { text } = await request(server.url).get(ROUTES.metrics);
    expect(text).toContain(`${METRICS.consumerLag.name}${labels} 2`);
    const age = text.split(`${METRICS.consumerLagSeconds.name}${labels} `)[1] ?? '';
    expect(Number.parseFloat(age)).toBeGreaterThan(0.04);
  });
});
