import { createServer, type AddressInfo } from 'node:net';
import { Client } from 'pg';
import { streamSettingsSchema } from '@logbert/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from './database';
import { DatabaseConflictFailure, DatabaseUnavailableFailure } from './database-failures';
import { openDatabase } from './open-database';

const url = process.env['LOGBERT_TEST_POSTGRES'];
const needs = url === undefined ? ' (needs LOGBERT_TEST_POSTGRES)' : '';

describe('a PostgreSQL that is away', () => {
  it('is a failure that trying again may mend', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const opening = openDatabase({ url: `postgres://a@127.0.0.1:${port}/a`, directory: '' });
    await expect(opening).rejects.toThrow(DatabaseUnavailableFailure);
    await expect(opening).rejects.toMatchObject({ retriable: true });
  });
});

describe.skipIf(url === undefined)(`a PostgreSQL that drops its connections${needs}`, () => {
  let database: Database;
  let operator: Client;

  beforeAll(async () => {
    database = await openDatabase({ url: url ?? null, directory: '' });
    operator = new Client({ connectionString: url });
    await operator.connect();
  });
  afterAll(async () => {
    await operator.end();
    await database.close();
  });

  const dropConnections = async () => {
    const { rowCount } = await operator.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'logbert%'`,
    );
    return rowCount ?? 0;
  };
  const appendEvent = () =>
    database.repositories.events.append({
      type: 'throughput',
      data: { stream: 's', at: 1, linesPerSecond: 1, windowsPerSecond: 1, anomalies: 0, lag: 0 },
    });

  it('fails the transaction at work, and serves the next one', async () => {
    const settings = streamSettingsSchema.parse({});
    const work = database.transaction(async (repositories) => {
      await repositories.streams.upsert('dropped', settings, 1);
      await dropConnections();
      await repositories.streams.upsert('dropped', settings, 2);
    });
    await expect(work).rejects.toThrow(DatabaseUnavailableFailure);
    await expect(database.repositories.streams.find('dropped')).resolves.toBeUndefined();
    expect(await database.isHealthy()).toBe(true);
  });

  it('gives back every connection that was lost', async () => {
    for (let round = 0; round < 15; round++) {
      await Promise.allSettled([appendEvent(), appendEvent(), appendEvent()]);
      await dropConnections();
    }
    await appendEvent().catch(appendEvent).catch(appendEvent).catch(appendEvent);
  });

  it('hears events again, and of those in between', async () => {
    expect(await dropConnections()).toBeGreaterThan(0);
    const heard: number[] = [];
    let wake: () => void = () => undefined;
    database.onEvents((id) => {
      heard.push(id);
      wake();
    });
    const until = async (id: number) => {
      while (!heard.includes(id)) await new Promise<void>((resolve) => (wake = resolve));
    };
    const missed = await appendEvent().catch(appendEvent);
    await until(missed);
    const next = await appendEvent();
    await until(next);
  });
});

describe.skipIf(url === undefined)(
  `a PostgreSQL whose sequence is behind its table${needs}`,
  () => {
    const name = `logbert_behind_${process.pid}`;
    let operator: Client;

    beforeAll(async () => {
      operator = new Client({ connectionString: url });
      await operator.connect();
      await operator.query(`CREATE DATABASE ${name}`);
    });
    afterAll(async () => {
      await operator.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await operator.end();
    });

    it('fails an event whose id is taken so that trying again helps', async () => {
      const own = new URL(url ?? '');
      own.pathname = `/${name}`;
      const database = await openDatabase({ url: own.href, directory: '' });
      const inside = new Client({ connectionString: own.href });
      await inside.connect();
      try {
        const data = {
          stream: 's',
          at: 1,
          linesPerSecond: 1,
          windowsPerSecond: 1,
          anomalies: 0,
          lag: 0,
        };
        const append = () => database.repositories.events.append({ type: 'throughput', data });
        const taken = [await append(), await append()];
        await inside.query(
          `SELECT setval(pg_get_serial_sequence('events', 'id'), ${taken[0]}, false)`,
        );
        for (const id of taken) {
          const failed = append();
          await expect(failed, `event ${id}`).rejects.toThrow(DatabaseConflictFailure);
          await expect(failed).rejects.toMatchObject({ retriable: true });
        }
        expect(await append()).toBe((taken[1] ?? 0) + 1);
      } finally {
        await inside.end();
        await database.close();
      }
    });
  },
);
