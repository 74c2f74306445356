import { liveEventSchema, type LiveEvent } from '@logbert/contracts';

interface ReceivedEvent {
  readonly id: string | undefined;
  readonly event: LiveEvent;
}

type EventOf<Type extends LiveEvent['type']> = Extract<LiveEvent, { type: Type }>['data'];

/** Reads a server's event stream and keeps what came, so that nothing is missed between two questions. */
export class EventStream implements AsyncDisposable {
  readonly received: ReceivedEvent[] = [];
  private readonly arrivals = new EventTarget();
  private readonly reading: Promise<void>;

  private constructor(
    private readonly abort: AbortController,
    readonly response: Response,
  ) {
    this.reading = this.read().catch(() => undefined);
  }

  static async open(url: string, headers: Record<string, string> = {}): Promise<EventStream> {
    const abort = new AbortController();
    return new EventStream(abort, await fetch(url, { headers, signal: abort.signal }));
  }

  /** The first event of the type that fits, past or future. */
  async find<Type extends LiveEvent['type']>(
    type: Type,
    fits: (data: EventOf<Type>) => boolean,
    { withinMs }: { readonly withinMs: number },
  ): Promise<EventOf<Type>> {
    const deadline = AbortSignal.timeout(withinMs);
    const over = new Promise<void>((resolve) => {
      deadline.addEventListener('abort', () => resolve(), { once: true });
    });
    for (let seen = 0; ;) {
      for (; seen < this.received.length; seen++) {
        const event = this.received[seen]?.event;
        if (event?.type === type && fits(event.data as EventOf<Type>)) {
          return event.data as EventOf<Type>;
        }
      }
      if (deadline.aborted) {
        const types = this.received.map(({ event }) => event.type).join(', ');
        throw new Error(`no fitting "${type}" event within ${withinMs} ms; there came: ${types}`);
      }
      const arrival = new Promise<void>((resolve) => {
        this.arrivals.addEventListener('arrival', () => resolve(), { once: true });
      });
      await Promise.race([arrival, over]);
    }
  }

  /** Resolves when the server has ended the stream. */
  get ended(): Promise<void> {
    return this.reading;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.abort.abort();
    await this.reading;
  }

  private async read(): Promise<void> {
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of this.response.body ?? []) {
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) this.take(block);
    }
  }

  private take(block: string): void {
    const fields = new Map(
      block.split('\n').map((line) => {
        const colon = line.indexOf(': ');
        return [line.slice(0, colon), line.slice(colon + 2)] as const;
      }),
    );
    const data = fields.get('data');
    if (data === undefined) return;
    const event = liveEventSchema.parse({ type: fields.get('event'), data: JSON.parse(data) });
    this.received.push({ id: fields.get('id'), event });
    this.arrivals.dispatchEvent(new Event('arrival'));
  }
}
