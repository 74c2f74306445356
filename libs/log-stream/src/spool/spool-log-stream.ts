import { join } from 'node:path';
import { streamNameSchema, type SpoolConfig } from '@logbert/contracts';
import {
  BATCH_SIZE,
  type BatchHandler,
  type LogStream,
  type OffsetSpan,
  type OutgoingMessage,
  type OutgoingTopic,
  type PartitionLag,
  type RawRecord,
  type ReadRange,
} from '../log-stream';
import { SpoolFullFailure, StreamNameFailure } from '../log-stream-failures';
import { headersOfParked, headersOfReplayed } from '../dead-letter';
import type { Report } from '../stream-notice';
import { CommittedPositions } from './committed-positions';
import { claimDirectory } from './directory-claim';
import { encodeBody } from './frame';
import { Outlet } from './outlet';
import { ownIdentity } from './own-identity';
import { PartitionConsumer } from './partition-consumer';
import { readDeadLetters } from './read-dead-letters';
import { readSpool } from './read-spool';
import { listPartitions, partitionDirectory } from './segment-files';
import { SegmentLog } from './segment-log';
import {
  DEAD_LETTER_DIRECTORY,
  IDENTITY_FILE,
  OUTLET_DIRECTORY,
  POSITIONS_FILE,
  SPOOL_DIRECTORY,
  SPOOL_SOURCE,
  STREAMS_FILE,
} from './spool-layout';
import { StreamPartitions } from './stream-partitions';

const RETENTION_CHECK_MS = 60_000;
const PROGRESS_WITHIN_MS = 60_000;
/** Lines that wait for a slow disk; more are refused instead of kept in memory. */
const MAX_WAITING_BYTES = 64 * 1_024 * 1_024;
/** Dead letters may take this share of the spool's bound; the oldest go first. */
const DEAD_LETTER_SHARE = 0.05;
/** One stream gets four fifths of the spool alone, two get four ninths each. */
const TIMES_THE_FREE = 4;
/** Files of each partition in a full spool, at least. */
const SEGMENTS_A_PARTITION = 4;
const DEAD_LETTER_SEGMENT_BYTES = 4 * 1_024 * 1_024;

export interface SpoolOptions {
  /** Records of one batch at most. */
  readonly batchSize?: number;
  readonly report?: Report;
}

/** The embedded log stream: files under the data directory, written and consumed by this process alone. */
export class SpoolLogStream implements LogStream {
  private readonly outlet: Outlet;
  private readonly consumers: PartitionConsumer[] = [];
  private readonly retentionTimer: ReturnType<typeof setInterval>;
  private closing: Promise<void> | undefined;

  private constructor(
    readonly identity: string,
    private readonly dataDirectory: string,
    private readonly config: SpoolConfig,
    private readonly options: Required<SpoolOptions>,
    private readonly parts: {
      readonly unclaim: () => Promise<void>;
      readonly logs: ReadonlyMap<number, SegmentLog>;
      readonly deadLetters: SegmentLog;
      readonly positions: CommittedPositions;
      readonly streams: StreamPartitions;
    },
  ) {
    this.outlet = new Outlet(join(dataDirectory, OUTLET_DIRECTORY));
    this.retentionTimer = setInterval(
      () => void this.retain().catch(() => undefined),
      RETENTION_CHECK_MS,
    );
    this.retentionTimer.unref();
  }

  /**
   * Opens the spool under the data directory.
   * @throws SpoolInUseFailure when another process has it open
   */
  static async open(
    dataDirectory: string,
    config: SpoolConfig,
    { batchSize = BATCH_SIZE, report = () => undefined }: SpoolOptions = {},
  ): Promise<SpoolLogStream> {
    const spool = join(dataDirectory, SPOOL_DIRECTORY);
    const unclaim = await claimDirectory(spool);
    try {
      const positions = await CommittedPositions.load(join(spool, POSITIONS_FILE), (error) =>
        report({ kind: 'commit-failed', error }),
      );
      const configured = Array.from({ length: config.partitions }, (_, partition) => partition);
      // Partitions of an earlier, larger configuration are still consumed to their end.
      const partitions = new Set([...configured, ...(await listPartitions(spool))]);
      const streams = await StreamPartitions.load(
        join(spool, STREAMS_FILE),
        config.partitions,
        (partition) => partitions.has(partition),
      );
      // A file that is written to is never deleted, so that it must not be what fills the spool.
      const segmentBytes = Math.min(
        config.segmentBytes,
        config.maxBytes / (SEGMENTS_A_PARTITION * partitions.size),
      );
      const logs = new Map<number, SegmentLog>();
      for (const partition of partitions) {
        const directory = partitionDirectory(spool, partition);
        const committed = positions.of(partition);
        logs.set(partition, await SegmentLog.open(directory, segmentBytes, report, committed));
      }
      const deadLetters = await SegmentLog.open(
        join(spool, DEAD_LETTER_DIRECTORY),
        DEAD_LETTER_SEGMENT_BYTES,
        report,
      );
      return new SpoolLogStream(
        `spool:${await ownIdentity(join(spool, IDENTITY_FILE))}`,
        dataDirectory,
        config,
        { batchSize, report },
        { unclaim, logs, deadLetters, positions, streams },
      );
    } catch (error) {
      await unclaim();
      throw error;
    }
  }

  async subscribe(handler: BatchHandler): Promise<void> {
    if (this.consumers.length > 0) throw new TypeError('the spool is subscribed already');
    const { logs, positions } = this.parts;
    for (const [partition, log] of logs) {
      const consumer = new PartitionConsumer(partition, log, positions, {
        ...this.options,
        handler,
        park: (record, reason) => this.park(record, reason),
      });
      this.consumers.push(consumer);
      consumer.start();
    }
  }

  async append(
    stream: string,
    values: readonly Uint8Array[],
    headers: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    if (values.length === 0) return;
    if (!streamNameSchema.safeParse(stream).success) throw new StreamNameFailure(stream);
    const body = encodeBody(stream, headers, values);
    const partition = await this.parts.streams.of(stream);
    const log = this.parts.logs.get(partition);
    if (log === undefined) throw new RangeError(`no partition for the stream "${stream}"`);
    await this.makeRoom(body.length, partition, log);
    await log.append(body, values.length, Date.now());
  }

  publish(topic: OutgoingTopic, messages: readonly OutgoingMessage[]): Promise<void> {
    return this.outlet.publish(topic, messages);
  }

  async park(record: RawRecord, reason: string): Promise<void> {
    const { stream, value } = record;
    const { deadLetters } = this.parts;
    const body = encodeBody(stream, headersOfParked(record, reason), [value]);
    await deadLetters.append(body, 1, Date.now());
    const bound = this.config.maxBytes * DEAD_LETTER_SHARE;
    await deadLetters.deleteOldest(() => deadLetters.bytes > bound);
  }

  async deadLetterSpans(): Promise<readonly OffsetSpan[]> {
    const { start, end } = this.parts.deadLetters;
    return start < end ? [{ partition: 0, start, end }] : [];
  }

  async *readDeadLetters(spans: readonly OffsetSpan[]): AsyncGenerator<RawRecord> {
    for (const span of spans) yield* readDeadLetters(this.dataDirectory, span);
  }

  replay(letter: RawRecord): Promise<void> {
    return this.append(letter.stream, [letter.value], headersOfReplayed(letter));
  }

  read(range: ReadRange): AsyncIterable<RawRecord> {
    return readSpool(this.dataDirectory, range, this.options.report);
  }

  async lag(): Promise<readonly PartitionLag[]> {
    return [...this.parts.logs].map(([partition, log]) => {
      const committed = Math.max(this.parts.positions.of(partition), log.start);
      const lag = log.end - committed;
      return { source: SPOOL_SOURCE, partition, committed, end: log.end, lag };
    });
  }

  isProgressing(): boolean {
    return this.consumers.every((consumer) => consumer.hasProgressed(PROGRESS_WITHIN_MS));
  }

  isHearing(): boolean {
    return this.consumers.length > 0;
  }

  close(): Promise<void> {
    this.closing ??= this.shutDown();
    return this.closing;
  }

  /** Deletes segments that every line of has been committed and whose time is over. */
  async retain(nowMs = Date.now()): Promise<void> {
    const olderThanMs = nowMs - this.config.retentionHours * 3_600_000;
    for (const [partition, log] of this.parts.logs) {
      const committed = this.parts.positions.of(partition);
      await log.deleteOldest(
        ({ lastWriteMs }, endOffset) => endOffset <= committed && lastWriteMs < olderThanMs,
      );
    }
  }

  /**
   * Under pressure, what was consumed goes before its time; only unread lines fill the spool. A partition may have so many times
   * the bytes that are free, and no more: however much one stream sends, there is room for the others (Choudhury and Hahne,
   * Dynamic queue length thresholds for shared-memory packet switches, 1998).
   */
  private async makeRoom(bytes: number, partition: number, log: SegmentLog): Promise<void> {
    const logs = [...this.parts.logs];
    const waiting = () => logs.reduce((sum, [, { waitingBytes }]) => sum + waitingBytes, 0);
    if (waiting() + bytes > MAX_WAITING_BYTES && waiting() > 0) {
      throw new SpoolFullFailure('The disk under the spool does not keep up');
    }
    const { maxBytes } = this.config;
    const unread = this.parts.positions.of(partition);
    const isFull = () => {
      const used = logs.reduce((sum, [, { bytes: kept }]) => sum + kept, waiting() + bytes);
      const own = log.bytesFrom(unread) + log.waitingBytes + bytes;
      return own > TIMES_THE_FREE * (maxBytes - used);
    };
    for (const [other, consumed] of logs) {
      if (!isFull()) return;
      const committed = this.parts.positions.of(other);
      await consumed.deleteOldest((_, endOffset) => endOffset <= committed && isFull());
    }
    if (isFull()) {
      throw new SpoolFullFailure(
        `So many lines of this stream wait that logStream.spool.maxBytes (${maxBytes}) leaves it no room for more`,
      );
    }
  }

  private async shutDown(): Promise<void> {
    clearInterval(this.retentionTimer);
    await Promise.all(this.consumers.map((consumer) => consumer.stop()));
    const { logs, deadLetters, positions, unclaim } = this.parts;
    await Promise.all([...logs.values(), deadLetters].map((log) => log.close()));
    await this.outlet.close();
    await positions.flush();
    await unclaim();
  }
}
