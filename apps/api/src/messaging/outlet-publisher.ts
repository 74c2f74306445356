import { setTimeout as sleep } from 'node:timers/promises';
import { type Anomaly, type Incident, TOPICS } from '@logbert/contracts';
import { Failure } from '@logbert/failure';
import type { LogStream, OutgoingTopic } from '@logbert/log-stream';
import { type BeforeApplicationShutdown, Inject, Injectable, Logger } from '@nestjs/common';
import { LOG_STREAM } from './log-stream.token';

const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 10_000;

/** Writes what was detected to the outlet topics, keyed so that one stream's messages keep their order. */
@Injectable()
export class OutletPublisher implements BeforeApplicationShutdown {
  private readonly logger = new Logger(OutletPublisher.name);
  private readonly closing = new AbortController();

  constructor(@Inject(LOG_STREAM) private readonly stream: LogStream) {}

  /** Tried until the topics take it; whoever waits here is held back, and with it the stream. */
  async publish(anomalies: readonly Anomaly[], incidents: readonly Incident[]): Promise<void> {
    await this.send(TOPICS.anomalies, anomalies);
    await this.send(TOPICS.incidents, incidents);
  }

  beforeApplicationShutdown(): void {
    this.closing.abort();
  }

  private async send(
    topic: OutgoingTopic,
    messages: readonly (Anomaly | Incident)[],
  ): Promise<void> {
    if (messages.length === 0) return;
    const outgoing = messages.map((message) => ({
      key: message.stream,
      value: JSON.stringify(message),
    }));
    for (let pause = FIRST_RETRY_MS; ; pause = Math.min(2 * pause, LONGEST_RETRY_MS)) {
      try {
        return await this.stream.publish(topic, outgoing);
      } catch (error) {
        const isWorthATry = error instanceof Failure && error.retriable;
        if (!isWorthATry || this.closing.signal.aborted) {
          this.logger.error(`${messages.length} messages to "${topic}" are lost: ${String(error)}`);
          return;
        }
        this.logger.warn(`${error.message}; publishing to "${topic}" again in ${pause} ms`);
        await sleep(pause, undefined, { signal: this.closing.signal }).catch(() => undefined);
      }
    }
  }
}
