import {
  deadLetterPageSchema,
  deadLetterReceiptSchema,
  problemSchema,
  ROUTES,
} from '@logbert/contracts';
import type { LogStream, RawRecord } from '@logbert/log-stream';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LOG_STREAM } from '../messaging/log-stream.token';
import { startTestServer, type TestServer } from '../testing/test-server';

describe('dead letters', () => {
  let server: TestServer;
  let stream: LogStream;

  beforeAll(async () => {
    server = await startTestServer();
    stream = server.application.nest.get<LogStream>(LOG_STREAM);
    for (const [offset, text] of ['password=hunter2', 'two', 'three'].entries()) {
      const record: RawRecord = {
        stream: 'shop',
        source: 'logs',
        partition: 1,
        offset: 40 + offset,
        key: 'shop',
        headers: { traceparent: '00-1' },
        value: new TextEncoder().encode(text),
        receivedAtMs: 1,
      };
      await stream.park(record, offset === 2 ? 'x/other: odd' : 'log-records/json: not JSON');
    }
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const list = async (query = '') => {
    const answer = await request(server.url).get(`${ROUTES.deadLetters}${query}`).expect(200);
    return deadLetterPageSchema.parse(answer.body);
  };
  const replay = async (body: object) => {
    const answer = await request(server.url).post(ROUTES.deadLetterReplay).send(body).expect(200);
    return deadLetterReceiptSchema.parse(answer.body);
  };
  const linesOf = async () => {
    const lines: string[] = [];
    const range = { stream: 'shop', fromMs: 0, toMs: Date.now() + 1, limit: 100 };
    for await (const { value } of stream.read(range)) lines.push(Buffer.from(value).toString());
    return lines;
  };

  it('are listed newest first, with origin, reason and headers, and without secrets', async () => {
    const { items, total, nextCursor } = await list('?limit=2');
    expect(total).toBe(3);
    expect(items.map(({ text }) => text)).toEqual(['three', 'two']);
    expect(items[0]).toMatchObject({
      id: '0-2',
      stream: 'shop',
      origin: { topic: 'logs', partition: 1, offset: 42 },
      reason: 'x/other: odd',
      headers: { traceparent: '00-1' },
      bytes: 5,
      replayedAt: null,
    });
    const last = await list(`?cursor=${nextCursor ?? ''}`);
    expect(last.items.map(({ text }) => text)).toEqual(['password=[redacted]']);
    expect(last.nextCursor).toBeNull();
  });

  it('are counted by the code of their reason, on every page', async () => {
    const first = await list('?limit=2');
    const last = await list(`?cursor=${first.nextCursor ?? ''}`);
    expect(last.reasons).toEqual(first.reasons);
    expect(first.reasons).toEqual({
      byCode: [
        { code: 'log-records/json', letters: 2 },
        { code: 'x/other', letters: 1 },
      ],
      others: 0,
      uncounted: 0,
    });
  });

  it('are sent again by id, by reason, and once unless they are named', async () => {
    expect(await replay({ ids: ['0-1'] })).toEqual({ replayed: 1, skipped: 0 });
    expect(await linesOf()).toEqual(['two']);
    expect(await replay({ reason: 'log-records/' })).toEqual({ replayed: 1, skipped: 1 });
    expect(await replay({})).toEqual({ replayed: 1, skipped: 2 });
    expect(await replay({})).toEqual({ replayed: 0, skipped: 3 });
    expect(await replay({ ids: ['0-2', '7-7'] })).toEqual({ replayed: 1, skipped: 0 });
    // Other places are other partitions, so that the order is that of their sending.
    expect((await linesOf()).toSorted()).toEqual(['password=hunter2', 'three', 'three', 'two']);
    const { items } = await list();
    expect(items.every(({ replayedAt }) => replayedAt !== null)).toBe(true);
  });

  it.each([
    ['a cursor of another list', () => request(server.url).get(`${ROUTES.deadLetters}?cursor=x`)],
    [
      'an id that is none',
      () =>
        request(server.url)
          .post(ROUTES.deadLetterReplay)
          .send({ ids: ['../x'] }),
    ],
    [
      'a field that is not known',
      () => request(server.url).post(ROUTES.deadLetterReplay).send({ all: true }),
    ],
  ])('refuse %s', async (_case, ask) => {
    const answer = await ask();
    expect(answer.status).toBe(400);
    expect(problemSchema.parse(JSON.parse(answer.text)).code).toBe('request/invalid');
  });
});
