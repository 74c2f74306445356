import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface ChatRequest {
  readonly model: string;
  readonly stream?: boolean;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
}

export type Answer = (response: ServerResponse, request: ChatRequest) => void;

/** A local language model server in the manner of OpenAI's: it streams what it is told to. */
export class ChatServer implements AsyncDisposable {
  readonly requests: ChatRequest[] = [];
  readonly authorizations = new Set<string | undefined>();
  answer: Answer = (response) => response.writeHead(404).end();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<ChatServer> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const chat = new ChatServer(server);
    server.on('request', (request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const body = JSON.parse(Buffer.concat(parts).toString()) as ChatRequest;
        chat.requests.push(body);
        chat.authorizations.add(request.headers.authorization);
        chat.answer(response, body);
      });
    });
    return chat;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** Says the text word by word, with everything around it that such servers send. */
export function saying(text: string): Answer {
  return (response) => {
    begin(response);
    response.write(': keep-alive\n\n');
    send(response, { role: 'assistant', content: '' });
    for (const word of text.split(/(?<= )/)) send(response, { content: word });
    send(response, {}, 'stop');
    response.write('data: {"choices":[],"usage":{"total_tokens":1}}\n\n');
    response.end('data: [DONE]\n\n');
  };
}

/** Declines in the way of models that answer by a schema: in a field of its own, without content. */
export function declining(reason: string): Answer {
  return (response) => {
    begin(response);
    send(response, { role: 'assistant', content: null, refusal: reason });
    send(response, {}, 'stop');
    response.end('data: [DONE]\n\n');
  };
}

/** Begins to speak and never ends. */
export const stalling: Answer = (response) => {
  begin(response);
  send(response, { content: '{"summary": "The' });
};

export function garbage(bytes: string): Answer {
  return (response) => {
    begin(response);
    response.end(bytes);
  };
}

export function failing(status: number): Answer {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: { message: 'no' } }));
  };
}

function begin(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
}

function send(response: ServerResponse, delta: object, finish: string | null = null): void {
  const part = {
    id: 'chat-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'local',
    choices: [{ index: 0, delta, finish_reason: finish }],
  };
  response.write(`data: ${JSON.stringify(part)}\n\n`);
}
