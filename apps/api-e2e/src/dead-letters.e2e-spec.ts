import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  deadLetterPageSchema,
  ingestReceiptSchema,
  ROUTES,
  streamSchema,
  streamSettingsSchema,
} from '@logbert/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ask, eventually, json } from './http';
import { sumOf } from './metric-series';
import { ownTopics } from './real-services';
import { Server } from './server';

const STREAM = 'strict';
const COMMAND = fileURLToPath(new URL('../../../tools/dead-letters.mjs', import.meta.url));
const WITHIN = { withinMs: 30_000 };

const EMBEDDED = { name: 'the spool', isMissing: false, settings: () => ({}) };
const KAFKA = {
  name: 'Kafka',
  isMissing: process.env['LOGBERT_TEST_KAFKA'] === undefined,
  settings: () => ownTopics(STREAM).environment,
};
if (KAFKA.isMissing) console.warn('Skipped dead letters on Kafka: LOGBERT_TEST_KAFKA not set.');

describe.for([EMBEDDED, KAFKA])('dead letters on $name', ({ isMissing, settings }) => {
  let server: Server;

  beforeAll(async () => {
    if (!isMissing) server = await Server.start({ environment: settings() });
  });
  afterAll(async () => {
    if (!isMissing) await server[Symbol.asyncDispose]();
  });
  beforeEach((context) => context.skip(isMissing, 'LOGBERT_TEST_KAFKA is not set'));

  const configure = (kind: 'json' | 'auto') =>
    ask(
      `${server.url}${ROUTES.stream.replace(':name', STREAM)}`,
      streamSchema,
      json('PUT', streamSettingsSchema.parse({ format: { kind } })),
    );
  const letters = () => ask(`${server.url}${ROUTES.deadLetters}`, deadLetterPageSchema);
  const run = async (...words: string[]) =>
    (await promisify(execFile)(process.execPath, [COMMAND, ...words, '--url', server.url])).stdout;

  it('hold what a stream cannot read, with its place and the reason', async () => {
    await configure('json');
    await ask(`${server.url}${ROUTES.logs}?stream=${STREAM}`, ingestReceiptSchema, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: '{"message":"fine"}\nthis is no JSON\n',
      status: 202,
    });
    const { items, total } = await eventually(letters, (page) => page.total > 0, WITHIN);
    expect(total).toBe(1);
    expect(items[0]).toMatchObject({ stream: STREAM, text: 'this is no JSON', replayedAt: null });
    expect(items[0]?.reason).toMatch(/^log-records\//);
    expect(items[0]?.origin?.topic).toMatch(/^logs/);
    expect(await run('list')).toContain('this is no JSON');
    await eventually(
      () => sumOf(server.url, 'logbert_records_parked_total'),
      (parked) => parked === 1,
      WITHIN,
    );
  });

  it('are sent again by one command when the stream can read them, once', async () => {
    await configure('auto');
    expect(await run('replay', '--stream', STREAM)).toBe('1 sent again, 0 not\n');
    await eventually(
      () => sumOf(server.url, 'logbert_lines_processed_total'),
      (lines) => lines === 2,
      WITHIN,
    );
    expect(await run('replay')).toBe('0 sent again, 1 not\n');
    const { items } = await letters();
    expect(items[0]?.replayedAt).toBeGreaterThan(0);
  });
});
