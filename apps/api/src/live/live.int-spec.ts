import { LIVE_EVENTS, type LiveEvent, ROUTES } from '@logbert/contracts';
import type { Database } from '@logbert/database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IncidentRecorder } from '../incidents/incident-recorder';
import { DATABASE } from '../storage/database.token';
import { anomalyOf } from '../testing/anomaly-of';
import { startTestServer, type TestServer } from '../testing/test-server';
import { LiveThroughput } from './live-throughput';

const DEADLINE_MS = 10_000;

/** Reads a stream until its text fits. */
async function readUntil(url: string, fits: (text: string) => boolean, headers = {}) {
  const abort = AbortSignal.timeout(DEADLINE_MS);
  const response = await fetch(url, { headers, signal: abort });
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (fits(text)) break;
  }
  return { response, text };
}

describe('the event stream', () => {
  let server: TestServer;
  let database: Database;
  let url: string;

  beforeAll(async () => {
    server = await startTestServer({ rca: { settleMs: 60_000 } });
    database = server.application.nest.get<Database>(DATABASE);
    url = `${server.url}${ROUTES.events}`;
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const append = (linesPerSecond: number): Promise<number> =>
    database.repositories.events.append(throughput(linesPerSecond));

  function throughput(linesPerSecond: number): LiveEvent {
    const data = { stream: 's', at: 1, linesPerSecond, windowsPerSecond: 0, anomalies: 0, lag: 0 };
    return { type: LIVE_EVENTS.throughput, data };
  }

  it('begins with the incidents that are open', async () => {
    await server.application.nest.get(IncidentRecorder).record({
      stream: 'orders',
      anomalies: [anomalyOf('one'), anomalyOf('two')],
      templateCounts: [],
      novelTemplates: [],
    });
    const { response, text } = await readUntil(url, (seen) => seen.includes('event: incident'));
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(response.headers.get('content-encoding')).toBeNull();
    expect(text).toContain('"state":"open"');
  });

  it('goes on after the last id that was seen, across more than one page', async () => {
    const start = await database.repositories.events.latestId();
    const ids: number[] = [];
    for (let count = 0; count < 600; count++) ids.push(await append(count));
    const last = ids.at(-1) ?? 0;
    const { text } = await readUntil(url, (seen) => seen.includes(`id: ${last}\n`), {
      'last-event-id': String(start),
    });
    const seen = [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
    expect(seen).toEqual(ids);
  });

  it('gives the present state for an id that is not of this server', async () => {
    const { text } = await readUntil(url, (seen) => seen.includes('event: incident'), {
      'last-event-id': '999999',
    });
    expect(text).toContain('event: incident');
  });

  it('passes what is not kept without an id', async () => {
    // Ids of incidents may have the figure in them, too.
    const isWhole = /linesPerSecond":4242\b.*\n\n/;
    const passing = readUntil(url, (seen) => isWhole.test(seen));
    const timer = setInterval(() => {
      const figure = throughput(4_242);
      if (figure.type === LIVE_EVENTS.throughput) {
        server.application.nest.get(LiveThroughput).report(figure.data);
      }
    }, 20);
    const { text } = await passing.finally(() => clearInterval(timer));
    const block = text.split('\n\n').find((part) => part.includes('linesPerSecond":4242'));
    expect(block).not.toContain('id:');
  });

  it('tells what happens after it was opened', async () => {
    const start = await database.repositories.events.latestId();
    const waiting = readUntil(url, (seen) => seen.includes('77777'), {
      'last-event-id': String(start),
    });
    const id = await append(77_777);
    expect((await waiting).text).toContain(`id: ${id}\n`);
  });
});
