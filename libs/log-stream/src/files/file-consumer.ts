import { BatchDelivery, sleep } from '../batch-delivery';
import { DEAD_LETTER_HEADERS } from '../dead-letter';
import type { BatchHandler, PartitionLag, RawRecord, RecordBatch } from '../log-stream';
import { FileMissingFailure, LineTooLongFailure } from '../log-stream-failures';
import type { CommittedPositions } from '../spool/committed-positions';
import type { Report } from '../stream-notice';
import { anchorOf } from './file-content';
import { FollowedFile } from './followed-file';
import type { FileLine } from './line-cursor';
import type { FollowedLog, PartitionHistory } from './partition-history';
import type { Seats } from './seats';

/** As often as `tail -F` looks, and more. */
const LOOK_EVERY_MS = 250;
/** After a failure; a missing file is looked for as often as a present one is read. */
const RETRY_AFTER_MS = 1_000;
const NO_HEADERS: RawRecord['headers'] = {};

export interface FileConsumerOptions {
  readonly batchSize: number;
  readonly lineLimit: number;
  readonly from: 'beginning' | 'end';
  readonly report: Report;
  readonly handler: BatchHandler;
  readonly park: (record: RawRecord, reason: string) => Promise<void>;
  /** Batches in memory at once, of all files. */
  readonly seats: Seats;
}

/** Delivers the lines of one followed log, one batch at a time. */
export class FileConsumer {
  private readonly place: { readonly source: string; readonly partition: number };
  private readonly file: FollowedFile;
  private readonly delivery: BatchDelivery;
  private readonly refusal: BatchDelivery;
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;
  private position: number;
  private epoch = 1;
  /** Ends with the epoch. */
  private over = new AbortController();
  private placeToGoBackTo: number | undefined;
  private advancedAtMs = Date.now();
  /** Why nothing can be read at present, told once. */
  private trouble: string | undefined;

  constructor(
    private readonly log: FollowedLog,
    private readonly history: PartitionHistory,
    private readonly positions: CommittedPositions,
    private readonly options: FileConsumerOptions,
  ) {
    const { handler, report, lineLimit } = options;
    const park = (record: RawRecord, reason: string) => this.park(record, reason);
    this.delivery = new BatchDelivery(handler, park, report);
    this.refusal = new BatchDelivery(
      async ({ records: [record] }) => {
        const bytes = Number(record?.headers[DEAD_LETTER_HEADERS.truncatedFrom]);
        throw new LineTooLongFailure(bytes, lineLimit);
      },
      park,
      report,
    );
    this.place = { source: log.path, partition: log.partition };
    this.position = positions.of(log.partition);
    this.file = new FollowedFile(history, { path: log.path, ...options });
  }

  async start(): Promise<void> {
    // What stands in the way is told by the first reading.
    await this.file.settle().catch(() => undefined);
    this.running ??= this.run();
  }

  /** Whether nothing waited or a batch was finished within the time. */
  hasProgressed(withinMs: number): boolean {
    return Date.now() - this.advancedAtMs <= withinMs;
  }

  async lag(): Promise<PartitionLag> {
    const committed = this.positions.of(this.log.partition);
    const end = Math.max(committed, await this.file.end().catch(() => this.file.line));
    return { ...this.place, committed, end, lag: end - committed };
  }

  /** Lets the batch at work finish. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.over.abort();
    await this.running;
    await this.file.close();
    await this.history.close();
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        await this.consume();
        this.beginEpoch();
      } catch (error) {
        // Not being able to read it is no lack of progress: nobody else could.
        this.advancedAtMs = Date.now();
        this.tellUnreadable(error);
        await sleep(RETRY_AFTER_MS, signal);
      }
    }
  }

  private async consume(): Promise<void> {
    const { over } = this;
    await this.file.seek(this.position);
    while (!over.signal.aborted) {
      const isDone = await this.options.seats.take(() => this.deliverNext());
      this.advancedAtMs = Date.now();
      if (isDone === 'given up') return;
      await this.file.tidy(this.positions.of(this.log.partition));
      if (isDone === 'nothing') await sleep(LOOK_EVERY_MS, over.signal);
    }
  }

  private async deliverNext(): Promise<'delivered' | 'nothing' | 'given up'> {
    const { signal } = this.over;
    const first = this.file.line;
    const lines = await this.file.next(this.options.batchSize);
    this.noteWhetherReadable();
    if (signal.aborted) return 'given up';
    this.position = first;
    const last = lines.at(-1);
    if (!last) return 'nothing';
    await this.mark(last);
    const begin = this.file.line - lines.length;
    const records = lines.map((line, place) => this.recordOf(line, begin + place));
    for (const part of byLength(records)) {
      const { delivery, refusal } = this;
      const isTooLong = part[0]?.headers[DEAD_LETTER_HEADERS.truncatedFrom] !== undefined;
      const batch = await this.batchOf(part);
      const isDealtWith = await (isTooLong ? refusal : delivery).deliver(batch);
      if (!isDealtWith || signal.aborted) return 'given up';
      this.position = (part.at(-1)?.offset ?? this.position) + 1;
    }
    return 'delivered';
  }

  /** Before a batch is handed on: its lines keep their time whenever they are delivered again. */
  private async mark(last: FileLine): Promise<void> {
    const { marks } = this.history;
    const modifiedMs = await this.file.identify(last);
    if (this.file.line <= marks.endLine) return;
    await marks.append({
      endLine: this.file.line,
      endByte: last.endByte,
      atMs: Date.now(),
      modifiedMs,
      anchor: anchorOf(last.last),
    });
  }

  private recordOf({ value, length }: FileLine, offset: number): RawRecord {
    const { path, partition, stream } = this.log;
    const { lineLimit } = this.options;
    const isTooLong = value.length > lineLimit;
    return {
      stream,
      source: path,
      partition,
      offset,
      key: stream,
      headers: isTooLong ? { [DEAD_LETTER_HEADERS.truncatedFrom]: String(length) } : NO_HEADERS,
      value: isTooLong ? value.subarray(0, lineLimit) : value,
      receivedAtMs: this.history.marks.timeOf(offset) ?? Date.now(),
    };
  }

  private async batchOf(records: readonly RawRecord[]): Promise<RecordBatch> {
    const { over, epoch } = this;
    const next = this.file.line + ((await this.file.hasMore()) ? 1 : 0);
    return {
      ...this.place,
      epoch,
      records,
      firstOffset: records[0]?.offset ?? this.position,
      nextOffset: (records.at(-1)?.offset ?? this.position - 1) + 1,
      highWatermark: Math.max(next, this.history.marks.endLine),
      release: (nextOffset) => this.release(nextOffset),
      goBackTo: (offset) => {
        if (over.signal.aborted) return;
        this.placeToGoBackTo = offset;
        over.abort();
      },
      signal: over.signal,
    };
  }

  private beginEpoch(): void {
    const { placeToGoBackTo } = this;
    if (placeToGoBackTo === undefined || this.stopping.signal.aborted) return;
    this.placeToGoBackTo = undefined;
    this.position = placeToGoBackTo;
    this.epoch++;
    this.over = new AbortController();
  }

  private release(nextOffset: number): void {
    this.positions.advance(this.log.partition, Math.min(nextOffset, this.history.marks.endLine));
  }

  private async park(record: RawRecord, reason: string): Promise<void> {
    await this.options.park(record, reason);
    // Nobody else releases a record that only the dead letters have seen.
    if (this.positions.of(this.log.partition) === record.offset) this.release(record.offset + 1);
  }

  private noteWhetherReadable(): void {
    const { path } = this.log;
    if (this.file.isMissing) return this.tellUnreadable(new FileMissingFailure(path));
    if (this.trouble === undefined) return;
    this.trouble = undefined;
    this.options.report({ kind: 'file-readable', path });
  }

  private tellUnreadable(error: unknown): void {
    const trouble = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    if (trouble === this.trouble) return;
    this.trouble = trouble;
    this.options.report({ kind: 'file-unreadable', path: this.log.path, error });
  }
}

/** Runs of records that are short enough, and each of the others alone. */
function* byLength(records: readonly RawRecord[]): Generator<readonly RawRecord[]> {
  let run: RawRecord[] = [];
  for (const record of records) {
    if (record.headers[DEAD_LETTER_HEADERS.truncatedFrom] === undefined) {
      run.push(record);
      continue;
    }
    if (run.length > 0) yield run;
    run = [];
    yield [record];
  }
  if (run.length > 0) yield run;
}
