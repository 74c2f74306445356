import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { anomalySchema, LIVE_EVENTS, ROUTES } from '@logbert/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EventStream } from './event-stream';
import { ask, eventually } from './http';
import { OrderLogs } from './order-logs';
import { OwnStream } from './own-stream';
import { Server } from './server';

const STREAM = 'slow';
const IDLE_MS = 600_000;
/** Both partitions of the spool must have seen enough. */
const ORDERS = 600;
const WITHIN_MS = 60_000;

describe('a session that stays open', () => {
  let directory: string;
  let server: Server;
  const stream = new OwnStream(() => server, STREAM);
  const logs = new OrderLogs(7);
  const startMs = Date.now() - 10 * IDLE_MS;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'logbert-open-'));
    server = await Server.start({ dataDirectory: directory });
    await stream.set({
      window: { kind: 'session', idleMs: IDLE_MS, maxLength: 64 },
      alertBudget: 0.01,
    });
  });
  afterAll(async () => {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const windowsSeen = async () => (await stream.untrained())?.windowsSeen ?? 0;
  /** One line of failing orders, whose sessions then go on. */
  const failing = logs
    .failing(1, startMs + 6 * IDLE_MS, 20)
    .trimEnd()
    .split('\n');
  const key = (JSON.parse(failing[0] ?? '{}') as { request_id?: string }).request_id;
  const own = async () => (await stream.anomalies()).filter(({ windowKey }) => windowKey === key);

  it('is told before it is complete, once, though the program is killed, and then with all lines', async () => {
    await stream.send(logs.ordinary(ORDERS, startMs, 20));
    // Silence that is long enough in the time of the lines completes all of them, in either partition.
    await stream.send(logs.ordinary(20, startMs + 3 * IDLE_MS, 20));
    await eventually(windowsSeen, (seen) => seen >= ORDERS / 3, { withinMs: WITHIN_MS });

    await stream.send(`${failing.slice(0, 4).join('\n')}\n`);
    const [open] = await eventually(own, ({ length }) => length > 0, { withinMs: WITHIN_MS });
    expect(open).toMatchObject({ state: 'open' });

    await server.stop('SIGKILL');
    server = await Server.start({ dataDirectory: directory });
    await stream.send(`${failing.slice(4).join('\n')}\n`);
    await stream.send(logs.ordinary(20, startMs + 8 * IDLE_MS, 20));
    const found = await eventually(own, ([one]) => one?.state === 'closed', {
      withinMs: WITHIN_MS,
    });
    expect(found.map(({ id }) => id)).toEqual([open?.id]);
    const url = server.url + ROUTES.anomaly.replace(':id', open?.id ?? '');
    expect(await ask(url, anomalySchema)).toMatchObject({
      early: { position: 3 },
      lines: { length: failing.length },
    });

    await using events = await EventStream.open(`${server.url}${ROUTES.events}`, {
      'last-event-id': '0',
    });
    await events.find(LIVE_EVENTS.anomalyClosed, ({ id }) => id === open?.id, {
      withinMs: WITHIN_MS,
    });
    const told = events.received.flatMap(({ event }) =>
      'id' in event.data && event.data.id === open?.id ? [event.type] : [],
    );
    expect(told).toEqual([LIVE_EVENTS.anomaly, LIVE_EVENTS.anomalyClosed]);
  });
});
