import { backoff, BatchDelivery, sleep } from '../batch-delivery';
import type { BatchHandler, RawRecord, RecordBatch } from '../log-stream';
import type { Report } from '../stream-notice';
import type { CommittedPositions } from './committed-positions';
import { SegmentCursor } from './segment-cursor';
import type { SegmentLog } from './segment-log';
import { SPOOL_SOURCE } from './spool-layout';

/** Bytes of one batch, so that long lines do not make a batch that fills the memory. */
const BATCH_BYTES = 4 * 1_024 * 1_024;

/** Delivers one partition of the spool, one batch at a time. */
export class PartitionConsumer {
  private readonly place: { readonly source: string; readonly partition: number };
  private readonly delivery: BatchDelivery;
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;
  private position: number;
  private epoch = 1;
  /** Ends with the epoch. */
  private over = new AbortController();
  private placeToGoBackTo: number | undefined;
  private advancedAtMs = Date.now();

  constructor(
    partition: number,
    private readonly log: SegmentLog,
    private readonly positions: CommittedPositions,
    private readonly options: {
      readonly batchSize: number;
      readonly report: Report;
      readonly handler: BatchHandler;
      readonly park: (record: RawRecord, reason: string) => Promise<void>;
    },
  ) {
    this.delivery = new BatchDelivery(
      options.handler,
      (record, reason) => this.park(record, reason),
      options.report,
    );
    this.place = { source: SPOOL_SOURCE, partition };
    this.position = Math.max(positions.of(partition), log.start);
  }

  start(): void {
    this.running ??= this.run();
  }

  /** Whether everything was delivered or a batch was finished within the time. */
  hasProgressed(withinMs: number): boolean {
    return this.position >= this.log.end || Date.now() - this.advancedAtMs <= withinMs;
  }

  /** Lets the batch at work finish. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.over.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    for (let attempt = 1; !signal.aborted; attempt++) {
      try {
        await this.consume();
        this.beginEpoch();
      } catch (error) {
        // The disk could not be read: the rest of the program goes on, and so may this later.
        const inMs = backoff(attempt);
        this.options.report({ kind: 'retrying', ...this.place, attempt, inMs, error });
        await sleep(inMs, signal);
      }
    }
  }

  private async consume(): Promise<void> {
    const cursor = new SegmentCursor(this.log, this.place, this.options.report, this.position);
    const limits = { maxRecords: this.options.batchSize, maxBytes: BATCH_BYTES };
    const { over, epoch } = this;
    try {
      while (!over.signal.aborted) {
        const records = await cursor.next(limits);
        this.position = Math.max(this.position, records[0]?.offset ?? cursor.position);
        const last = records.at(-1);
        if (last === undefined) {
          await this.log.reaches(this.position, over.signal);
          // Waiting was not standing still.
          this.advancedAtMs = Date.now();
          continue;
        }
        const batch: RecordBatch = {
          ...this.place,
          epoch,
          records,
          firstOffset: this.position,
          nextOffset: last.offset + 1,
          highWatermark: this.log.end,
          release: (nextOffset) => this.release(nextOffset),
          goBackTo: (offset) => {
            if (over.signal.aborted) return;
            this.placeToGoBackTo = offset;
            over.abort();
          },
          signal: over.signal,
        };
        if (!(await this.delivery.deliver(batch)) || over.signal.aborted) return;
        this.position = last.offset + 1;
        this.advancedAtMs = Date.now();
      }
    } finally {
      await cursor.close();
    }
  }

  private beginEpoch(): void {
    const { placeToGoBackTo } = this;
    if (placeToGoBackTo === undefined || this.stopping.signal.aborted) return;
    this.placeToGoBackTo = undefined;
    this.position = Math.max(placeToGoBackTo, this.log.start);
    this.epoch++;
    this.over = new AbortController();
  }

  private release(nextOffset: number): void {
    this.positions.advance(this.place.partition, Math.min(nextOffset, this.log.end));
  }

  private async park(record: RawRecord, reason: string): Promise<void> {
    await this.options.park(record, reason);
    // Nobody else releases a record that only the dead letters have seen.
    if (this.positions.of(this.place.partition) === record.offset) this.release(record.offset + 1);
  }
}
