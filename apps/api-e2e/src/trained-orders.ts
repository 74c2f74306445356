import {
  LIVE_EVENTS,
  ROUTES,
  streamSchema,
  streamSettingsSchema,
  trainingJobSchema,
} from '@logbert/contracts';
import { expect } from 'vitest';
import { EventStream } from './event-stream';
import { ask, json } from './http';
import type { Server } from './server';

export const ORDERS_STREAM = 'orders';
/** Longer than orders pause between two lines. */
const IDLE_MS = 5_000;

/** Has the server learn orders from the import `orders.ndjson`. */
export async function trainOrders(server: Server): Promise<void> {
  await using events = await EventStream.open(`${server.url}${ROUTES.events}`);
  const settings = streamSettingsSchema.parse({
    window: { kind: 'session', idleMs: IDLE_MS, maxLength: 32 },
  });
  await ask(
    `${server.url}${ROUTES.stream.replace(':name', ORDERS_STREAM)}`,
    streamSchema,
    json('PUT', settings),
  );
  const request = {
    stream: ORDERS_STREAM,
    source: { kind: 'file', path: 'orders.ndjson' },
    options: { epochs: 3, hidden: 32, layers: 1, heads: 2 },
  };
  const { id } = await ask(`${server.url}${ROUTES.trainingJobs}`, trainingJobSchema, {
    ...json('POST', request),
    status: 202,
  });
  const job = await events.find(
    LIVE_EVENTS.training,
    (seen) => seen.id === id && seen.finishedAt !== null,
    { withinMs: 120_000 },
  );
  expect(job.error).toBeNull();
}
