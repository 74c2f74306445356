import { TOPICS } from '@logbert/contracts';
import type { LogStream, RecordBatch } from '@logbert/log-stream';
import { type CustomTransportStrategy, Server } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';

/**
 * Nest transport over a log stream, Kafka or spool: the `@EventPattern(TOPICS.logs)` handler gets a
 * whole batch of raw records with their positions, and its failure decides whether the batch comes again.
 */
export class LogStreamStrategy extends Server implements CustomTransportStrategy {
  override readonly transportId = Symbol('log-stream');

  constructor(private readonly stream: LogStream) {
    super();
  }

  listen(callback: (error?: unknown) => void): void {
    this.stream.subscribe((batch) => this.handle(batch)).then(() => callback(), callback);
  }

  /** Stops fetching and waits for the batches in work; positions that were released are committed. */
  close(): Promise<void> {
    return this.stream.close();
  }

  on(): never {
    throw new TypeError('a log stream has no transport events');
  }

  unwrap<Stream>(): Stream {
    return this.stream as Stream;
  }

  private async handle(batch: RecordBatch): Promise<void> {
    const handler = this.getHandlerByPattern(TOPICS.logs);
    if (!handler) throw new TypeError(`nobody handles the pattern "${TOPICS.logs}"`);
    const answer: unknown = await handler(batch);
    if (isObservable(answer)) await lastValueFrom(answer, { defaultValue: undefined });
  }
}
