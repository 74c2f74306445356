import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROUTES } from '@logbert/contracts';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { Application } from './application';
import { PinoLogger } from './logging/pino-logger';
import { startTestServer } from './testing/test-server';

const logger = new PinoLogger({ level: 'error', format: 'json' });

describe('Application', () => {
  it('opens nothing in a data directory that another process uses, and leaves it when it stops', async () => {
    await using server = await startTestServer();
    expect(server.application.nest.getHttpServer().requestTimeout).toBeGreaterThan(3_600_000);
    const { configuration, locations } = server;
    const second = Application.build(configuration, locations, logger);
    await expect(second).rejects.toMatchObject({ code: 'log-stream/spool-in-use' });
    await expect(second).rejects.toThrow(`${locations.dataDirectory} is in use by process`);
    await request(server.url).get(ROUTES.healthReady).expect(200);

    expect(existsSync(join(locations.dataDirectory, 'owner'))).toBe(true);
    await server.application.close();
    expect(existsSync(join(locations.dataDirectory, 'owner'))).toBe(false);
    const third = await Application.build(configuration, locations, logger);
    await third.close();
  });
});
