import { setTimeout as sleep } from 'node:timers/promises';
import {
  type IngestReceipt,
  ingestReceiptSchema,
  problemSchema,
  ROUTES,
  type Stream,
  streamSchema,
  type StreamSettings,
  type TrainingJob,
  trainingJobSchema,
  type TrainingRequest,
} from '@logbert/contracts';
import { DemoFailure } from './demo-failure';

const PATIENCE_MS = 60_000;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;
const BUSY = new Set([429, 502, 503, 504]);

interface Call {
  readonly method: 'GET' | 'PUT' | 'POST';
  readonly path: string;
  readonly body?: string;
  readonly contentType?: string;
}

/** The public HTTP doors of the server, as any producer uses them: it waits and tries again when asked to. */
export class ServerClient {
  constructor(
    private readonly url: string,
    private readonly apiKey: string | undefined,
    private readonly signal: AbortSignal,
  ) {}

  async configureStream(name: string, settings: StreamSettings): Promise<Stream> {
    const path = ROUTES.stream.replace(':name', name);
    const answer = await this.call({ method: 'PUT', path, ...json(settings) });
    return streamSchema.parse(await answer.json());
  }

  /** @returns once the lines are durable on the server */
  async sendLines(stream: string, lines: readonly string[]): Promise<IngestReceipt> {
    const answer = await this.call({
      method: 'POST',
      path: `${ROUTES.logs}?stream=${stream}`,
      body: `${lines.join('\n')}\n`,
      contentType: 'text/plain; charset=utf-8',
    });
    return ingestReceiptSchema.parse(await answer.json());
  }

  async train(request: TrainingRequest): Promise<TrainingJob> {
    const answer = await this.call({ method: 'POST', path: ROUTES.trainingJobs, ...json(request) });
    return trainingJobSchema.parse(await answer.json());
  }

  async trainingJob(id: string): Promise<TrainingJob> {
    const path = ROUTES.trainingJob.replace(':id', id);
    return trainingJobSchema.parse(await (await this.call({ method: 'GET', path })).json());
  }

  private async call(call: Call): Promise<Response> {
    const deadline = Date.now() + PATIENCE_MS;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      const answer = await this.attempt(call);
      if (answer instanceof Response && answer.ok) return answer;
      const isWorthTrying = !(answer instanceof Response) || BUSY.has(answer.status);
      if (!isWorthTrying || Date.now() > deadline) throw await failureOf(call, answer);
      await sleep(retryAfterMs(answer) ?? pauseMs, undefined, { signal: this.signal });
    }
  }

  /** The answer, or why there was none. */
  private async attempt({ method, path, body, contentType }: Call): Promise<Response | Error> {
    try {
      return await fetch(new URL(path, this.url), {
        method,
        headers: {
          ...(contentType === undefined ? {} : { 'content-type': contentType }),
          ...(this.apiKey === undefined ? {} : { authorization: `Bearer ${this.apiKey}` }),
        },
        ...(body === undefined ? {} : { body }),
        signal: this.signal,
      });
    } catch (error) {
      if (this.signal.aborted || !(error instanceof Error)) throw error;
      return error;
    }
  }
}

function json(value: object): { readonly body: string; readonly contentType: string } {
  return { body: JSON.stringify(value), contentType: 'application/json' };
}

function retryAfterMs(answer: Response | Error): number | undefined {
  if (!(answer instanceof Response)) return undefined;
  const seconds = Number(answer.headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) ? Math.min(seconds * 1_000, LONGEST_PAUSE_MS) : undefined;
}

async function failureOf({ method, path }: Call, answer: Response | Error): Promise<DemoFailure> {
  if (!(answer instanceof Response)) {
    const reason = answer.cause instanceof Error ? answer.cause.message : answer.message;
    return new DemoFailure(`${method} ${path}: no answer (${reason})`, { cause: answer });
  }
  const text = await answer.text();
  return new DemoFailure(`${method} ${path}: ${answer.status} ${detailOf(text)}`);
}

function detailOf(text: string): string {
  try {
    return problemSchema.parse(JSON.parse(text)).detail;
  } catch {
    return text.slice(0, 300);
  }
}
