import {
  ingestReceiptSchema,
  LIVE_EVENTS,
  type RootCauseReport,
  rootCauseReportSchema,
  ROUTES,
  streamSchema,
  streamSettingsSchema,
  trainingJobSchema,
  uploadSchema,
} from '@logbert/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Answer,
  ChatServer,
  declining,
  failing,
  garbage,
  saying,
  stalling,
} from './chat-server';
import { EventStream } from './event-stream';
import { ask, eventually, json } from './http';
import { sumOf } from './metric-series';
import { OrderLogs } from './order-logs';
import { Server } from './server';

const STREAM = 'orders';
const TOKEN = 'token-of-the-test-only';
const GOOD = {
  summary: 'The payment service lost its connection to the bank.',
  claims: [
    {
      text: 'The payment service is “giving up on the charge, circuit is open”.',
      evidenceIds: ['E1', 'E2', 'E3'],
    },
    { text: 'The database proxy ran out of memory 77 times.', evidenceIds: ['E99'] },
  ],
  nextSteps: ['Look at the connection of payment to the bank.'],
};

describe('a root cause told by a language model', () => {
  let chat: ChatServer;
  let server: Server;
  let incidentId: string;

  beforeAll(async () => {
    chat = await ChatServer.start();
    chat.answer = saying(JSON.stringify(GOOD));
    const huggingFace = { model: 'local', endpointUrl: chat.url, token: TOKEN, timeoutMs: 1_000 };
    server = await Server.start({
      environment: {
        LOGBERT__INCIDENTS__IDLEMS: '600000',
        LOGBERT__RCA__SETTLEMS: '500',
        LOGBERT__RCA__HUGGINGFACE: JSON.stringify(huggingFace),
      },
    });
    incidentId = await causeIncident(server);
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await chat[Symbol.asyncDispose]();
  });

  const read = () =>
    ask(
      `${server.url}${ROUTES.incidentRootCause.replace(':id', incidentId)}`,
      rootCauseReportSchema,
    );

  /** Has the report written anew, and gives it when the model is done with it. */
  async function explain(answer: Answer): Promise<RootCauseReport> {
    chat.answer = answer;
    const report = await ask(
      `${server.url}${ROUTES.rca}`,
      rootCauseReportSchema,
      json('POST', { incidentId }),
    );
    expect(report.narrativeState).toBe('pending');
    expect(report.evidence.length).toBeGreaterThan(0);
    return eventually(read, ({ narrativeState }) => narrativeState !== 'pending', {
      withinMs: 15_000,
    });
  }

  it('writes prose for each new incident, claim by claim checked against the evidence', async () => {
    // Written by the first lines of its sessions, and anew when they are complete.
    const report = await eventually(
      read,
      ({ narrativeState, narrative }) =>
        narrativeState === 'written' && narrative?.verifiedClaims === 1,
      { withinMs: 30_000 },
    );
    expect(report.narrativeError).toBeNull();
    expect(report.narrative).toMatchObject({ model: 'local', totalClaims: 2, verifiedClaims: 1 });
    expect(report.narrative?.summary).toContain('payment');
    expect(report.narrative?.nextSteps).toEqual(GOOD.nextSteps);
    expect(report.narrative?.claims.map(({ isVerified }) => isVerified)).toEqual([true, false]);
  });

  it('asks by schema, as a stream, with the token, and shows no raw line', () => {
    const [request] = chat.requests;
    expect(request).toMatchObject({ model: 'local', stream: true });
    expect([...chat.authorizations]).toEqual([`Bearer ${TOKEN}`]);
    const prompt = JSON.stringify(request?.messages);
    expect(prompt).toContain('payment');
    expect(prompt).not.toMatch(/order-\d+/);
    expect(prompt).not.toMatch(/\b10\.0\.0\.\d+/);
  });

  it.each([
    ['never ends', stalling, 'timeout', /1000 ms/],
    ['says nothing at all', () => undefined, 'timeout', /1000 ms/],
    ['sends broken events', garbage('data: {"choices": [oops\n\n'), undefined, /./],
    ['answers with other than JSON', saying('Well, it is hard to tell.'), undefined, /./],
    ['answers with other JSON', saying('{"answer": 42}'), undefined, /./],
    ['declines', declining('I cannot help with that.'), 'empty', /nothing/],
    ['declines in words', saying('I am sorry, I cannot help with that.'), undefined, /./],
    ['does not know us', failing(401), 'refused', /401/],
    ['has too much to do', failing(429), 'rate-limit', /429/],
    ['is broken', failing(500), 'http', /500/],
  ] as const)('leaves a whole report when the model %s', async (_case, answer, reason, error) => {
    const failures = (labels: readonly string[]) =>
      sumOf(server.url, 'logbert_rca_llm_failures_total', labels);
    const labels = reason === undefined ? [] : [`reason="${reason}"`];
    const before = await failures(labels);

    const report = await explain(answer);

    expect(report.narrativeState).toBe('failed');
    expect(report.narrative).toBeNull();
    expect(report.narrativeError).toMatch(error);
    expect(report.narrativeError).not.toContain(TOKEN);
    expect(report.causes[0]?.service).toBe('payment');
    expect(await failures(labels)).toBe(before + 1);
  });

  it('writes prose again when the model has come to its senses', async () => {
    const report = await explain(saying(JSON.stringify(GOOD)));
    expect(report).toMatchObject({ narrativeState: 'written', narrativeError: null });
  });

  it('leaves a whole report when there is no server any more', async () => {
    await chat[Symbol.asyncDispose]();
    const report = await explain(() => undefined);
    expect(report.narrativeState).toBe('failed');
    expect(report.causes[0]?.service).toBe('payment');
    chat = await ChatServer.start();
  });

  it('tells no token to its log', () => {
    expect(server.log).not.toContain(TOKEN);
  });
});

/** Trains on ordinary orders, then lets some fail. */
async function causeIncident({ url }: Server): Promise<string> {
  const logs = new OrderLogs(5);
  await using events = await EventStream.open(`${url}${ROUTES.events}`);
  const settings = streamSettingsSchema.parse({
    window: { kind: 'session', idleMs: 1_000, maxLength: 32 },
  });
  await ask(`${url}${ROUTES.stream.replace(':name', STREAM)}`, streamSchema, json('PUT', settings));
  const { uploadId } = await ask(`${url}${ROUTES.uploads}`, uploadSchema, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: logs.ordinary(1_500, Date.now() - 3_600_000, 200),
    status: 201,
  });
  const request = {
    stream: STREAM,
    source: { kind: 'upload', uploadId },
    options: { epochs: 3, hidden: 32, layers: 1, heads: 2 },
  };
  const { id } = await ask(`${url}${ROUTES.trainingJobs}`, trainingJobSchema, {
    ...json('POST', request),
    status: 202,
  });
  const job = await events.find(
    LIVE_EVENTS.training,
    (seen) => seen.id === id && seen.finishedAt !== null,
    { withinMs: 120_000 },
  );
  expect(job.error).toBeNull();
  for (const body of [logs.ordinary(40, Date.now() - 1_000, 20), logs.failing(8, Date.now(), 50)]) {
    await ask(`${url}${ROUTES.logs}?stream=${STREAM}`, ingestReceiptSchema, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body,
      status: 202,
    });
  }
  const incident = await events.find(LIVE_EVENTS.rootCause, () => true, { withinMs: 30_000 });
  return incident.incidentId;
}
