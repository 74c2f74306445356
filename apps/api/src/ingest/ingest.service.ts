import { CONTENT_TYPE_HEADER, type IngestReceipt } from '@logbert/contracts';
import { Failure } from '@logbert/failure';
import type { LogStream } from '@logbert/log-stream';
import { METRICS } from '@logbert/telemetry';
import { Inject, Injectable } from '@nestjs/common';
import { LOG_STREAM } from '../messaging/log-stream.token';
import { Meters } from '../metrics/meters';
import { InvalidRequestFailure, UnavailableFailure } from '../problems/request-failure';
import { StreamsService } from '../streams/streams.service';

const SHOWN_REASONS = 20;
const RETRY_AFTER_SECONDS = 5;

/** Lines as a door received them. */
export interface IncomingLines {
  readonly stream: string;
  /** Which door, for the metrics. */
  readonly door: 'http' | 'otlp' | 'loki' | 'elasticsearch';
  readonly contentType: string;
  readonly lines: readonly Uint8Array[];
  /** Lines that cannot be taken, by their number from 1; a reason's detail follows a colon. */
  readonly rejected: readonly { readonly line: number; readonly reason: string }[];
}

/** Takes lines in: what it answers for is durable. */
@Injectable()
export class IngestService {
  constructor(
    @Inject(LOG_STREAM) private readonly logStream: LogStream,
    private readonly streams: StreamsService,
    private readonly meters: Meters,
  ) {}

  /**
   * @throws InvalidRequestFailure when no line can be taken, with their numbers
   * @throws UnavailableFailure when the lines cannot be kept for now; none of them was
   */
  async accept(incoming: IncomingLines): Promise<IngestReceipt> {
    const { lines: accepted, rejected } = incoming;
    await this.keepGood(incoming);
    const reasons = rejected.slice(0, SHOWN_REASONS);
    if (accepted.length === 0) {
      throw new InvalidRequestFailure(
        reasons.length > 0
          ? reasons.map(({ line, reason }) => ({ field: `line ${line}`, reason }))
          : [{ field: 'body', reason: 'holds no log line' }],
      );
    }
    return { accepted: accepted.length, rejected: rejected.length, reasons };
  }

  /**
   * Takes what can be taken, if anything.
   *
   * @throws UnavailableFailure as `accept`
   */
  async keepGood({ stream, door, contentType, lines, rejected }: IncomingLines): Promise<void> {
    for (const { reason } of rejected) {
      this.meters.count(METRICS.ingestRejected, { reason: reason.split(':', 1)[0] ?? reason });
    }
    if (lines.length === 0) return;
    try {
      await this.streams.meet(stream);
      await this.logStream.append(stream, lines, { [CONTENT_TYPE_HEADER]: contentType });
    } catch (error) {
      if (!(error instanceof Failure) || !error.retriable) throw error;
      throw new UnavailableFailure(
        `${error.message}. No line of this request was kept; send it again.`,
        RETRY_AFTER_SECONDS,
        { cause: error },
      );
    }
    this.meters.count(METRICS.ingestLines, { stream, door }, lines.length);
  }
}
