import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, ChatServer, refused, streamed, whole } from '../testing/chat-server';
import { CompletionFailure } from './completion-failure';
import { HuggingFaceCompletion } from './hugging-face-completion';

const TOKEN = 'a-secret-token-of-the-test';

describe('HuggingFaceCompletion', () => {
  let server: ChatServer;

  beforeEach(async () => {
    server = await ChatServer.start();
  });
  afterEach(() => server[Symbol.asyncDispose]());

  function ask(timeoutMs = 5_000, signal = new AbortController().signal): Promise<string> {
    const completion = new HuggingFaceCompletion({
      model: 'local',
      endpointUrl: server.url,
      token: TOKEN,
      provider: null,
      timeoutMs,
      maxTokens: 100,
    });
    return completion.complete({
      messages: [{ role: 'user', content: 'why?' }],
      jsonSchema: { type: 'object' },
      signal,
    });
  }

  async function failureOf(work: Promise<string>): Promise<CompletionFailure> {
    const error: unknown = await work.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (error instanceof CompletionFailure) return error;
    throw new TypeError(`expected a CompletionFailure, got ${String(error)}`);
  }

  it('puts a streamed answer together', async () => {
    server.answer = streamed('{"summary":"the bank is away"}');
    expect(await ask()).toBe('{"summary":"the bank is away"}');
    expect(server.requests[0]?.body).toMatchObject({
      model: 'local',
      response_format: { type: 'json_schema' },
    });
    expect(server.requests[0]?.authorization).toBe(`Bearer ${TOKEN}`);
  });

  it('takes a whole answer from a server that does not stream', async () => {
    server.answer = whole('plain');
    expect(await ask()).toBe('plain');
  });

  it('asks more plainly when the server does not know schemas', async () => {
    const understood: Answer = streamed('{}');
    server.answer = (request, response) =>
      (request.response_format ? refused(400, 'unknown response_format') : understood)(
        request,
        response,
      );
    expect(await ask()).toBe('{}');
    expect(server.requests.map(({ body }) => body.response_format?.type)).toEqual([
      'json_schema',
      'json_object',
      undefined,
    ]);
  });

  it('gives up on a silent server when its time is over', async () => {
    server.answer = () => undefined;
    expect(await failureOf(ask(200))).toMatchObject({ reason: 'timeout' });
  });

  it('gives up on an answer that stops in the middle', async () => {
    server.answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"choices":[{"index":0,"delta":{"content":"half"}}]}\n\n');
    };
    expect(await failureOf(ask(200))).toMatchObject({ reason: 'timeout' });
  });

  it('stops when it is told to', async () => {
    const abort = new AbortController();
    server.answer = () => abort.abort();
    await failureOf(ask(5_000, abort.signal));
  });

  it.each([
    ['a wrong token', refused(401, 'no'), 'refused'],
    ['too many requests', refused(429, 'slow down'), 'rate-limit'],
    ['a server that is not ready', refused(503, 'loading'), 'http'],
    ['a broken server', refused(500, 'oops'), 'http'],
    ['an empty answer', streamed(''), 'empty'],
  ])('tells %s', async (_case, answer, reason) => {
    server.answer = answer;
    const failure = await failureOf(ask());
    expect(failure.reason).toBe(reason);
    expect(JSON.stringify([failure.message, failure.cause])).not.toContain(TOKEN);
  });

  it('tells a stream of garbage', async () => {
    server.answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end('data: {"choices": [oops\n\n');
    };
    await failureOf(ask());
  });

  it('tells a server that is not there', async () => {
    await server[Symbol.asyncDispose]();
    const failure = await failureOf(ask());
    expect(failure.reason).toBe('unreachable');
    server = await ChatServer.start();
  });
});
