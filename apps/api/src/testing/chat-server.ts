import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ChatRequest {
  readonly model?: string;
  readonly stream?: boolean;
  readonly response_format?: { readonly type: string };
  readonly messages: readonly { readonly role: string; readonly content: string }[];
}

export type Answer = (request: ChatRequest, response: ServerResponse) => void;

/** A local server that speaks as much of the OpenAI chat protocol as a test needs, in the manner it is told. */
export class ChatServer implements AsyncDisposable {
  readonly requests: { readonly body: ChatRequest; readonly authorization: string | undefined }[] =
    [];
  answer: Answer = (_request, response) => response.writeHead(404).end();

  private constructor(
    private readonly server: ReturnType<typeof createServer>,
    readonly url: string,
  ) {}

  static async start(): Promise<ChatServer> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const chat = new ChatServer(server, `http://127.0.0.1:${port}/v1`);
    server.on('request', (request, response) => void chat.handle(request, response));
    return chat;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const body = JSON.parse(text) as ChatRequest;
    this.requests.push({ body, authorization: request.headers.authorization });
    this.answer(body, response);
  }
}

/** Streams the text in pieces, as OpenAI's server does. */
export function streamed(text: string): Answer {
  return (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (let start = 0; start < text.length; start += 7) {
      const part = { choices: [{ index: 0, delta: { content: text.slice(start, start + 7) } }] };
      response.write(`data: ${JSON.stringify(part)}\n\n`);
    }
    response.end('data: [DONE]\n\n');
  };
}

/** Gives the text whole, whatever was asked for. */
export function whole(text: string): Answer {
  return (_request, response) => {
    const message = { role: 'assistant', content: text };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({
        id: '1',
        object: 'chat.completion',
        created: 1,
        model: 'm',
        usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
        choices: [{ index: 0, finish_reason: 'stop', message }],
      }),
    );
  };
}

export function refused(status: number, message: string): Answer {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: { message } }));
  };
}
