import { streamNameSchema } from '@logbert/contracts';
import { BatchDelivery } from '../batch-delivery';
import type { BatchHandler, RawRecord, RecordBatch } from '../log-stream';
import { StreamNameFailure } from '../log-stream-failures';
import type { Report } from '../stream-notice';
import type { FetchedRecord } from './fetched-record';

/** Puts a record among the dead letters; what lies below the offset has then been dealt with. */
export type ParkRecord = (record: RawRecord, reason: string, nextOffset: number) => Promise<void>;

export interface LaneSettings {
  readonly source: string;
  readonly partition: number;
  readonly epoch: number;
  readonly batchSize: number;
  /** Records of a batch while twice as many as these are still to come; `batchSize` where it is left out or less. */
  readonly backlogBatchSize?: number;
  /** Bytes that wait from which the lane is full. */
  readonly maxWaitingBytes: number;
  readonly handler: BatchHandler;
  readonly park: ParkRecord;
  readonly report: Report;
  /** Called when a lane that was full has room again. */
  readonly onRoom: () => void;
  /** The partition's epoch before this one, when this process had it then too. */
  readonly earlier: PartitionLane | undefined;
  /** Where the epoch begins, when that is another place than where the one before had committed to. */
  readonly from?: number;
  /** Has the partition fetched again from the offset, in another epoch. */
  readonly goBackTo: (offset: number) => void;
}

/** Offsets that a fetch answered for, end exclusive, and where the partition ended then. */
export interface FetchedSpan {
  readonly firstOffset: number;
  readonly nextOffset: number;
  readonly highWatermark: number;
}

/** The records of one partition in one epoch, from fetched to delivered. */
export class PartitionLane {
  private readonly over = new AbortController();
  private readonly waiting: FetchedRecord[] = [];
  private atWork: readonly FetchedRecord[] = [];
  private readonly delivery: BatchDelivery;
  private readonly refusal: BatchDelivery;
  private waitingBytes = 0;
  private isAtWork = false;
  private advancedAtMs = Date.now();
  private highWatermark = 0;
  private wasFull = false;
  private isDraining = false;
  /** Where the first record must not be after, as far as that is known. */
  private startsAt: number | undefined;
  /** Offset after what was fetched, and where the batch at work begins and ends; unknown before the first fetch. */
  private fetchedTo = 0;
  private workedFrom = 0;
  private workedTo: number | undefined;
  private knownStream: string | undefined;
  /** Offset that everything below of has been released; unknown before the first record. */
  private released: number | undefined;
  /** Resolves when nothing is at work; after the end of the epoch nothing will be again. */
  finished: Promise<void>;
  committed: number | undefined;

  constructor(readonly settings: LaneSettings) {
    const { handler, report, earlier } = settings;
    const park = (record: FetchedRecord, reason: string) => this.park(record, reason);
    this.delivery = new BatchDelivery(handler, park, report);
    this.refusal = new BatchDelivery(
      async ({ records }) => {
        const [record]: readonly FetchedRecord[] = records;
        throw record?.unreadable ?? new StreamNameFailure(record?.stream ?? '');
      },
      park,
      report,
    );
    // Two epochs of a partition are never at work at once.
    this.finished = earlier?.finished ?? Promise.resolve();
    // One that was over before its first batch knows of no later place than it was to begin at.
    this.startsAt = settings.from ?? earlier?.committed ?? earlier?.startsAt;
  }

  /** The offset to commit, when there is a newer one than was committed and the epoch is not over. */
  get toCommit(): number | undefined {
    if (!this.mayRelease) return undefined;
    return this.released === this.committed ? undefined : this.released;
  }

  get isFull(): boolean {
    return this.waitingBytes >= this.settings.maxWaitingBytes;
  }

  /**
   * The committed offset when the first batch of the epoch begins after it, which one that was under way when the
   * group was joined anew may do. Asked once: records that are gone for good cannot be gone back to.
   */
  placeToGoBackTo(firstOffset: number): number | undefined {
    const { startsAt } = this;
    this.startsAt = undefined;
    return startsAt !== undefined && firstOffset > startsAt ? startsAt : undefined;
  }

  push(records: readonly FetchedRecord[], fetched: FetchedSpan): void {
    if (this.over.signal.aborted || records.length === 0) return;
    this.noteFetched(fetched);
    for (const record of records) {
      this.waiting.push(record);
      this.waitingBytes += sizeOf(record);
    }
    this.wasFull ||= this.isFull;
    if (this.isAtWork) return;
    this.isAtWork = true;
    this.advancedAtMs = Date.now();
    this.finished = this.finished.then(() => this.work());
  }

  /** Offsets at which nothing was found but marks of transactions: whoever has dealt with all before them is past them, too. */
  pass(fetched: FetchedSpan): void {
    if (this.over.signal.aborted) return;
    if (this.startsAt !== undefined && fetched.firstOffset <= this.startsAt) {
      this.startsAt = undefined;
    }
    const isAllReleased = this.released === undefined || this.released === this.fetchedTo;
    this.noteFetched(fetched);
    if (!isAllReleased || this.isAtWork) return;
    this.workedTo = fetched.nextOffset;
    this.release(fetched.nextOffset);
  }

  private noteFetched({ firstOffset, nextOffset, highWatermark }: FetchedSpan): void {
    if (this.released === undefined) {
      this.released = firstOffset;
      this.committed = firstOffset;
      this.workedTo = firstOffset;
    }
    this.fetchedTo = nextOffset;
    this.highWatermark = highWatermark;
  }

  /** Whether nothing waits or something was finished within the time. */
  hasProgressed(withinMs: number): boolean {
    return !this.isAtWork || Date.now() - this.advancedAtMs <= withinMs;
  }

  /** Ends the epoch: drops what waits, tells the handler, and ignores what it releases from now on. */
  end(): void {
    this.over.abort();
    this.waiting.length = 0;
    this.waitingBytes = 0;
  }

  /** As `end`, but what the batch at work releases still counts. */
  async drain(): Promise<void> {
    this.isDraining = true;
    this.end();
    await this.finished;
  }

  private async work(): Promise<void> {
    while (this.waiting.length > 0 && !this.over.signal.aborted) {
      const records = this.takeBatch();
      const last = records.at(-1);
      if (last === undefined) break;
      // Before the batch is worked on: meanwhile the next ones are fetched.
      if (this.wasFull && this.waitingBytes * 2 < this.settings.maxWaitingBytes) {
        this.wasFull = false;
        this.settings.onRoom();
      }
      const delivery = this.isWhole(last) ? this.delivery : this.refusal;
      const isDone = await delivery.deliver(this.batchOf(records));
      if (!isDone) break;
      this.advancedAtMs = Date.now();
    }
    this.isAtWork = false;
  }

  /** Each batch is written by itself: fewer and larger ones catch up sooner, and nobody waits for the newest line then. */
  private get sizeOfNextBatch(): number {
    const { batchSize, backlogBatchSize = batchSize } = this.settings;
    const toCome = this.highWatermark - (this.waiting[0]?.offset ?? this.highWatermark);
    return toCome >= 2 * backlogBatchSize ? Math.max(batchSize, backlogBatchSize) : batchSize;
  }

  /** Records up to the batch size; one that is unreadable or belongs to no stream comes alone. */
  private takeBatch(): readonly FetchedRecord[] {
    const { sizeOfNextBatch } = this;
    let count = 0;
    for (const record of this.waiting) {
      if (count >= sizeOfNextBatch) break;
      if (!this.isWhole(record)) {
        count = Math.max(count, 1);
        break;
      }
      count++;
    }
    const records = this.waiting.splice(0, count);
    for (const record of records) this.waitingBytes -= sizeOf(record);
    this.atWork = records;
    this.workedFrom = this.workedTo ?? records[0]?.offset ?? 0;
    this.workedTo = this.waiting[0]?.offset ?? this.fetchedTo;
    return records;
  }

  /** Whether the record was unpacked and says of a stream that can exist; a header may say anything. */
  private isWhole({ stream, unreadable }: FetchedRecord): boolean {
    if (unreadable !== undefined) return false;
    if (stream === this.knownStream) return true;
    if (!streamNameSchema.safeParse(stream).success) return false;
    this.knownStream = stream;
    return true;
  }

  private batchOf(records: readonly RawRecord[]): RecordBatch {
    const { source, partition, epoch } = this.settings;
    const { highWatermark, workedFrom, workedTo = workedFrom } = this;
    return {
      source,
      partition,
      epoch,
      records,
      firstOffset: workedFrom,
      nextOffset: workedTo,
      highWatermark,
      signal: this.over.signal,
      release: (nextOffset) => this.release(nextOffset),
      goBackTo: (offset) => {
        if (!this.over.signal.aborted) this.settings.goBackTo(offset);
      },
    };
  }

  private get mayRelease(): boolean {
    return this.isDraining || !this.over.signal.aborted;
  }

  private release(nextOffset: number): void {
    if (!this.mayRelease) return;
    this.released = Math.max(this.released ?? 0, nextOffset);
  }

  private async park(record: FetchedRecord, reason: string): Promise<void> {
    const place = this.atWork.indexOf(record);
    const before = this.atWork[place - 1];
    const from = before === undefined ? this.workedFrom : before.offset + 1;
    const nextOffset = this.atWork[place + 1]?.offset ?? this.workedTo ?? record.offset + 1;
    await this.settings.park(record, reason, nextOffset);
    // Nobody else releases a record that only the dead letters have seen.
    const { released = -1 } = this;
    if (released >= from && released <= record.offset) this.release(nextOffset);
  }
}

function sizeOf(record: FetchedRecord): number {
  return record.size ?? record.value.length;
}
