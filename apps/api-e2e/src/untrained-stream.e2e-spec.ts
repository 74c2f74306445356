import { anomalySchema, ROUTES } from '@logbert/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, eventually } from './http';
import { OrderLogs } from './order-logs';
import { OwnStream } from './own-stream';
import { Server } from './server';

const STREAM = 'young';
const BUDGET = 0.01;
/** Both partitions of the spool must have seen enough. */
const ORDERS = 600;
const WITHIN_MS = 30_000;

describe('a stream that no model was trained for', () => {
  let server: Server;
  const stream = new OwnStream(() => server, STREAM);
  const logs = new OrderLogs(5);

  beforeAll(async () => {
    server = await Server.start();
    await stream.set({
      window: { kind: 'session', idleMs: 1_000, maxLength: 64 },
      alertBudget: BUDGET,
    });
  });
  afterAll(() => server.stop());

  const untrained = () => stream.untrained();

  it('says how many windows it has seen and how many are needed', async () => {
    expect(await untrained()).toEqual({ windowsSeen: 0, windowsNeeded: 1 / BUDGET });
    await stream.send(logs.ordinary(ORDERS, Date.now() - 60_000, 20));
    const seen = await eventually(untrained, (now) => (now?.windowsSeen ?? 0) >= ORDERS / 3, {
      withinMs: WITHIN_MS,
    });
    expect(seen?.windowsNeeded).toBe(1 / BUDGET);
    expect((await stream.anomalies()).length).toBeLessThanOrEqual(1.5 * BUDGET * ORDERS);
  });

  it('raises an order that fails in a way nobody has seen', async () => {
    const before = new Set((await stream.anomalies()).map(({ id }) => id));
    await stream.send(logs.failing(1, Date.now(), 20));
    const found = await eventually(
      // It is told at its first odd line, and has all of them when it is complete.
      async () =>
        (await stream.anomalies()).filter((one) => !before.has(one.id) && one.state === 'closed'),
      ({ length }) => length > 0,
      { withinMs: WITHIN_MS },
    );
    const url = server.url + ROUTES.anomaly.replace(':id', found[0]?.id ?? '');
    const anomaly = await ask(url, anomalySchema);
    expect(anomaly).toMatchObject({ modelId: null, decidingChannel: 'novelty' });
    expect(anomaly.lines.filter(({ isNovel }) => isNovel).map(({ raw }) => raw)).toContainEqual(
      expect.stringContaining('circuit is open'),
    );
  });
});
