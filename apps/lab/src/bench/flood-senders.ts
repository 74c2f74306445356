import { setTimeout as sleep } from 'node:timers/promises';
import { ingestReceiptSchema, ROUTES } from '@logbert/contracts';

/** How many bodies are sent in turn, so that not all lines are the same. */
const BODIES = 16;
/** A shipper that does not do as `Retry-After` says, but does not spin either. */
const IMPATIENCE_MS = 20;

/** What became of the requests of a flood. */
export interface FloodTally {
  acceptedLines: number;
  refusedLines: number;
  /** Requests by the status of their answer; 0 where there was none. */
  readonly answers: Map<number, number>;
  /** Refusals that did not say when to try again. */
  withoutRetryAfter: number;
}

/** Sends to a stream over many connections at once, and never waits as long as it is asked to. */
export class FloodSenders {
  readonly tally: FloodTally = {
    acceptedLines: 0,
    refusedLines: 0,
    answers: new Map(),
    withoutRetryAfter: 0,
  };
  private readonly bodies: readonly string[];
  private isStopped = false;
  private running: Promise<unknown> = Promise.resolve();

  /** @param draw gives so many lines, each as it is sent */
  constructor(
    private readonly url: string,
    private readonly stream: string,
    private readonly linesAtOnce: number,
    draw: (count: number) => readonly string[],
  ) {
    this.bodies = Array.from({ length: BODIES }, () => `${draw(linesAtOnce).join('\n')}\n`);
  }

  start(connections: number): void {
    this.running = Promise.all(Array.from({ length: connections }, (_, one) => this.send(one)));
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await this.running;
  }

  private async send(first: number): Promise<void> {
    for (let turn = first; !this.isStopped; turn++) {
      const status = await this.sendBody(this.bodies[turn % BODIES] ?? '').catch(() => 0);
      const { answers } = this.tally;
      answers.set(status, (answers.get(status) ?? 0) + 1);
      if (status === 202) continue;
      this.tally.refusedLines += this.linesAtOnce;
      await sleep(IMPATIENCE_MS);
    }
  }

  private async sendBody(body: string): Promise<number> {
    const answer = await fetch(`${this.url}${ROUTES.logs}?stream=${this.stream}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body,
    });
    if (answer.status === 202) {
      this.tally.acceptedLines += ingestReceiptSchema.parse(await answer.json()).accepted;
    } else {
      await answer.arrayBuffer();
      if (answer.headers.get('retry-after') === null) this.tally.withoutRetryAfter++;
    }
    return answer.status;
  }
}
