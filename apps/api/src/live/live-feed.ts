import { type LiveEvent, LIVE_EVENTS } from '@logbert/contracts';
import type { Database, StoredEvent } from '@logbert/database';
import { METRICS } from '@logbert/telemetry';
import { Inject, Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { Meters } from '../metrics/meters';
import { DATABASE } from '../storage/database.token';
import { EventStream } from './event-stream';
import { LiveThroughput } from './live-throughput';
import { Outbox } from './outbox';

const PAGE = 500;
/** A reader that missed more than this is given the present state instead of the past. */
const REPLAY_LIMIT = 5_000;

/** Hands the outbox and the passing figures to every open event stream. */
@Injectable()
export class LiveFeed {
  private readonly streams = new Set<EventStream>();

  constructor(
    @Inject(DATABASE) private readonly database: Database,
    private readonly outbox: Outbox,
    private readonly throughput: LiveThroughput,
    private readonly meters: Meters,
  ) {}

  /**
   * Opens a stream: what came after `lastEventId`, or else the present state, and then everything new.
   * Each kept event reaches the reader once.
   */
  async open(response: Response, lastEventId: number | undefined): Promise<void> {
    let pending: StoredEvent[] | undefined = [];
    let sentId = lastEventId ?? 0;
    const send = ({ id, event }: StoredEvent) => {
      if (id <= sentId) return;
      sentId = id;
      stream.send(event, id);
    };
    const subscriptions = [
      this.outbox.events.subscribe((stored) => (pending ? pending.push(stored) : send(stored))),
      this.throughput.figures.subscribe((data) =>
        stream.send({ type: LIVE_EVENTS.throughput, data }),
      ),
    ];
    const stream = new EventStream(response, () => {
      for (const subscription of subscriptions) subscription.unsubscribe();
      this.streams.delete(stream);
      this.meters.set(METRICS.liveClients, this.streams.size);
    });
    this.streams.add(stream);
    this.meters.set(METRICS.liveClients, this.streams.size);

    try {
      const isResumed = lastEventId !== undefined && (await this.replay(lastEventId, send));
      if (!isResumed) sentId = await this.sendPresent(stream);
    } catch (error) {
      stream.end();
      throw error;
    }
    for (const stored of pending) send(stored);
    pending = undefined;
  }

  /** Ends every stream; a browser comes back to the next server by itself. */
  close(): void {
    for (const stream of this.streams) stream.end();
  }

  /** Whether the past could be sent: not when it is too long, or the id is not of this outbox. */
  private async replay(lastEventId: number, send: (stored: StoredEvent) => void): Promise<boolean> {
    const { events } = this.database.repositories;
    const latest = await events.latestId();
    if (lastEventId > latest || latest - lastEventId > REPLAY_LIMIT) return false;
    for (let after = lastEventId; ;) {
      const page = await events.after(after, PAGE);
      for (const stored of page) send(stored);
      const last = page.at(-1);
      if (!last || page.length < PAGE) return true;
      after = last.id;
    }
  }

  /** Sends the open incidents and current jobs; gives the id from which the stream goes on. */
  private async sendPresent(stream: EventStream): Promise<number> {
    const { events, incidents, trainingJobs } = this.database.repositories;
    // Read before the state: an event in between is then sent twice rather than never.
    const id = await events.latestId();
    const present: LiveEvent[] = [
      ...(await incidents.open()).map((data) => ({ type: LIVE_EVENTS.incident, data })),
      ...(await trainingJobs.unfinished()).map((data) => ({ type: LIVE_EVENTS.training, data })),
    ];
    for (const event of present) stream.send(event, id);
    return id;
  }
}
