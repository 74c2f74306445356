import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { EVENT_ID_HEADER, type Incident, LIVE_EVENTS, TOPICS } from '@logbert/contracts';
import type { Database, StoredEvent } from '@logbert/database';
import { Failure } from '@logbert/failure';
import {
  type LogStream,
  LogStreamClosedFailure,
  type OutgoingMessage,
  type OutgoingTopic,
} from '@logbert/log-stream';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { DATABASE } from '../storage/database.token';
import { LOG_STREAM } from './log-stream.token';

const PAGE = 200;
/** Another process that publishes is taken for dead after this time without a page. */
const HELD_FOR_MS = 15_000;
/** How often to look whether somebody else has left something unpublished. */
const LOOK_EVERY_MS = 5_000;
const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 10_000;

/**
 * Publishes the outbox to the outlet topics: what was committed comes out even when the process dies in between, in the
 * order of its stream, at least once; the event id that each message carries tells repetitions.
 */
@Injectable()
export class OutletPublisher implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(OutletPublisher.name);
  private readonly closing = new AbortController();
  /** One process of several publishes. */
  private readonly holder = randomUUID();
  private publishing: Promise<void> | undefined;
  private isBehind = false;
  private stopListening: (() => void) | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(LOG_STREAM) private readonly stream: LogStream,
    @Inject(DATABASE) private readonly database: Database,
  ) {}

  onApplicationBootstrap(): void {
    this.stopListening = this.database.onEvents(() => this.wake());
    this.timer = setInterval(() => this.wake(), LOOK_EVERY_MS);
    this.wake();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    this.stopListening?.();
    this.closing.abort();
    await this.publishing;
    await this.database.repositories.outletCursors.yield(this.holder).catch(() => undefined);
  }

  private wake(): void {
    this.isBehind = true;
    this.publishing ??= this.catchUp().finally(() => (this.publishing = undefined));
  }

  private async catchUp(): Promise<void> {
    let pause = FIRST_RETRY_MS;
    while (this.isBehind && !this.closing.signal.aborted) {
      this.isBehind = false;
      try {
        if (await this.publishPage()) this.isBehind = true;
        pause = FIRST_RETRY_MS;
      } catch (error) {
        // The program ends: what is left is published by the next one.
        if (this.closing.signal.aborted || error instanceof LogStreamClosedFailure) return;
        this.isBehind = true;
        this.logger.warn(`the outlets are behind, trying again in ${pause} ms: ${String(error)}`);
        await sleep(pause, undefined, { signal: this.closing.signal }).catch(() => undefined);
        pause = Math.min(2 * pause, LONGEST_RETRY_MS);
      }
    }
  }

  /** Whether something was published, so that there may be more. */
  private async publishPage(): Promise<boolean> {
    const { events, outletCursors } = this.database.repositories;
    if ((await events.latestId()) <= (await outletCursors.position())) return false;
    const now = Date.now();
    const published = await outletCursors.hold(this.holder, now, now + HELD_FOR_MS);
    if (published === undefined) return false;
    const page = await events.after(published, PAGE);
    const last = page.at(-1);
    if (!last) return false;
    await this.send(TOPICS.anomalies, await this.anomaliesOf(page));
    await this.send(TOPICS.incidents, incidentsOf(page));
    return outletCursors.advance(this.holder, last.id);
  }

  /**
   * The outbox has their heads only. Each message has the state and the verdict of its event, whenever it is published: an anomaly
   * comes as `open` first when its session is, then as `closed` with all lines, and once more when its verdict is final.
   */
  private async anomaliesOf(page: readonly StoredEvent[]): Promise<readonly OutgoingMessage[]> {
    const heads = page.flatMap(({ id, event }) =>
      event.type === LIVE_EVENTS.anomaly ||
      event.type === LIVE_EVENTS.anomalyClosed ||
      event.type === LIVE_EVENTS.verdict
        ? [{ id, head: event.data }]
        : [],
    );
    const found = await this.database.repositories.anomalies.findTexts(
      heads.map(({ head }) => head.id),
    );
    return heads.flatMap(({ id, head }) => {
      const anomaly = found.get(head.id);
      if (!anomaly) return [];
      // An event of an older version has neither.
      const { state = 'closed', verdict = { state: 'immediate' } } = head;
      const { incidentId } = anomaly;
      const value = anomaly.with({ state, incidentId, verdict, eventId: id });
      return [messageOf(id, head.stream, value)];
    });
  }

  /** A message that can never be published must not keep the others. */
  private async send(topic: OutgoingTopic, messages: readonly OutgoingMessage[]): Promise<void> {
    if (messages.length === 0) return;
    try {
      await this.stream.publish(topic, messages);
    } catch (error) {
      if (!(error instanceof Failure) || error.retriable) throw error;
      const [only, another] = messages;
      if (another) {
        for (const message of messages) await this.send(topic, [message]);
      } else {
        this.logger.error(
          `event ${only?.headers?.[EVENT_ID_HEADER]} has no place in "${topic}": ${error.message}`,
        );
      }
    }
  }
}

function incidentsOf(page: readonly StoredEvent[]): readonly OutgoingMessage[] {
  return page.flatMap(({ id, event }) => {
    if (event.type === LIVE_EVENTS.incident) return [incidentMessageOf(id, event.data)];
    return event.type === LIVE_EVENTS.rootCause ? [incidentMessageOf(id, event.data.incident)] : [];
  });
}

function incidentMessageOf(eventId: number, incident: Incident): OutgoingMessage {
  return messageOf(eventId, incident.stream, JSON.stringify({ ...incident, eventId }));
}

/** Keyed by the stream, so that one stream's messages keep their order. */
function messageOf(eventId: number, stream: string, value: string): OutgoingMessage {
  return { key: stream, value, headers: { [EVENT_ID_HEADER]: String(eventId) } };
}
