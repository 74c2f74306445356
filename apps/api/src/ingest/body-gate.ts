import type { ServerConfig } from '@logbert/contracts';
import { Inject, Injectable } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { SERVER_CONFIG } from '../config/config.module';
import { UnavailableFailure } from '../problems/request-failure';
import { Lane } from './lane';
import { readBody } from './read-body';

/** Bodies of one stream that are worked on at once; the disk takes several in one write. */
const AT_ONCE = 2;
const MOST_WAITING = 32;
/** Bodies of all streams, so that many names at once do not fill the memory. */
const ALL_AT_ONCE = 16;
const ALL_WAITING = 1_000;
const WAIT_MS = 5_000;
/** Whoever sends more slowly keeps its place no longer than this; it is read on beside the others. */
const HOLD_MS = 5_000;
const RETRY_AFTER_SECONDS = 1;
/** Share of the time that the event loop is busy from which on lines are taken in more slowly. */
const BUSY = 0.6;
/** Then a stream's share of the event loop is one part in so many, and detection and the other streams have the rest. */
const SHARE = 8;
/** Most of the time of a slow sender went by on its way. */
const LONGEST_PAUSE_MS = 500;
const LOOK_EVERY_MS = 500;

/**
 * Lets few bodies of a stream in at once, so that a stream that is flooded keeps neither the others nor detection from the event
 * loop. The rest wait unread in their connections, and when those are too many they are told to come again.
 */
@Injectable()
export class BodyGate {
  private readonly lanes = new Map<string, Lane>();
  private readonly everybody = new Lane(ALL_AT_ONCE, ALL_WAITING);
  private isBusy = false;
  private lookedAtMs = performance.now();
  private before = performance.eventLoopUtilization();

  constructor(@Inject(SERVER_CONFIG) private readonly config: ServerConfig) {}

  /**
   * Does something with the body of a request, decompressed, when it is its turn.
   *
   * @throws UnavailableFailure when too many requests of the stream wait, or this one has for too long; nothing was read of it
   * @throws as `readBody` and as the work
   */
  async read<T>(
    stream: string,
    request: IncomingMessage,
    work: (body: Uint8Array) => Promise<T>,
  ): Promise<T> {
    const lane = this.laneOf(stream);
    if (!(await lane.enter(WAIT_MS))) throw refusal(`the stream "${stream}"`);
    if (!(await this.everybody.enter(WAIT_MS))) {
      this.free(stream, lane);
      throw refusal('all streams together');
    }
    const startedAt = performance.now();
    let hasPlace = true;
    const giveBack = (): void => {
      if (!hasPlace) return;
      hasPlace = false;
      void this.leave(stream, lane, performance.now() - startedAt);
    };
    const timer = setTimeout(giveBack, HOLD_MS);
    try {
      return await work(await readBody(request, this.config.bodyLimitBytes));
    } finally {
      clearTimeout(timer);
      giveBack();
    }
  }

  private laneOf(stream: string): Lane {
    const known = this.lanes.get(stream);
    if (known) return known;
    const lane = new Lane(AT_ONCE, MOST_WAITING);
    this.lanes.set(stream, lane);
    return lane;
  }

  /** Where the event loop is busy, the next one of the stream waits until others have had their share of the time. */
  private async leave(stream: string, lane: Lane, tookMs: number): Promise<void> {
    this.everybody.leave();
    this.look();
    if (this.isBusy) {
      const pauseMs = Math.min(LONGEST_PAUSE_MS, (SHARE - 1) * tookMs);
      await sleep(pauseMs, undefined, { ref: false });
    }
    this.free(stream, lane);
  }

  private free(stream: string, lane: Lane): void {
    lane.leave();
    if (lane.isEmpty && this.lanes.get(stream) === lane) this.lanes.delete(stream);
  }

  private look(): void {
    const now = performance.now();
    if (now - this.lookedAtMs < LOOK_EVERY_MS) return;
    this.lookedAtMs = now;
    const { utilization } = performance.eventLoopUtilization(this.before);
    this.before = performance.eventLoopUtilization();
    this.isBusy = utilization > BUSY;
  }
}

function refusal(of: string): UnavailableFailure {
  return new UnavailableFailure(
    `More is sent to ${of} than can be taken in. No line of this request was kept; send it again.`,
    RETRY_AFTER_SECONDS,
  );
}
