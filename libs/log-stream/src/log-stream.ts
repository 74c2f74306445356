/** Records of one batch at most, where nothing else is said. */
export const BATCH_SIZE = 2_000;

/** One line as it was received, not yet looked into. */
export interface RawRecord {
  readonly stream: string;
  /** Topic and place in it. */
  readonly source: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: Uint8Array;
  readonly receivedAtMs: number;
}

/** Consecutive records of one partition. */
export interface RecordBatch {
  /** The topic. */
  readonly source: string;
  readonly partition: number;
  /**
   * Grows whenever the partition is delivered again from its committed position: what was
   * built from batches of an earlier epoch is to be dropped.
   */
  readonly epoch: number;
  readonly records: readonly RawRecord[];
  /**
   * The offsets that the batch stands for, end exclusive. They reach beyond its records where marks of transactions lie,
   * which are no records.
   */
  readonly firstOffset: number;
  readonly nextOffset: number;
  /** Offset after the newest record of the partition, as far as it is known. */
  readonly highWatermark: number;
  /** Says that everything below the offset may be committed, now or any time later; ignored when the epoch is over. */
  release(nextOffset: number): void;
  /**
   * Ends the epoch and has the partition delivered again from the offset, or from the oldest record that is still kept.
   * For the handler of this batch, also after it has let the next one come; ignored when the epoch is over.
   */
  goBackTo(offset: number): void;
  /** Aborted when the partition was taken away or the stream is closing. */
  readonly signal: AbortSignal;
}

export type BatchHandler = (batch: RecordBatch) => Promise<void>;

/** Records of one stream received in `[fromMs, toMs)`. */
export interface ReadRange {
  readonly stream: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly limit: number;
  readonly signal?: AbortSignal | undefined;
}

export interface PartitionLag {
  readonly source: string;
  readonly partition: number;
  /** Offset that a restart would begin at. */
  readonly committed: number;
  /** Offset after the newest record. */
  readonly end: number;
  readonly lag: number;
}

/** Offsets of one partition, end exclusive. */
export interface OffsetSpan {
  readonly partition: number;
  readonly start: number;
  readonly end: number;
}

export interface OutgoingMessage {
  readonly key: string;
  readonly value: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export type OutgoingTopic = 'anomalies' | 'incidents';

/** Where log lines come in, are consumed with positions, and results go out. */
export interface LogStream {
  /** Tells these positions from those of another spool, cluster or consumer group, also when the names are the same. */
  readonly identity: string;
  /**
   * Hands batches to the handler, one at a time a partition: the next one comes when its promise resolves. After a retriable Failure the same
   * batch comes again with backoff; after any other error its records come one by one, and those that fail
   * alone too are parked.
   */
  subscribe(handler: BatchHandler): Promise<void>;
  /** The lines are durable when it resolves; rejects with a retriable Failure when they are not. */
  append(
    stream: string,
    values: readonly Uint8Array[],
    headers?: Readonly<Record<string, string>>,
  ): Promise<void>;
  publish(topic: OutgoingTopic, messages: readonly OutgoingMessage[]): Promise<void>;
  /** Puts a record that can never succeed among the dead letters, with its origin and the reason. */
  park(record: RawRecord, reason: string): Promise<void>;
  /** The dead letters that are kept, by partition. */
  deadLetterSpans(): Promise<readonly OffsetSpan[]>;
  /** Dead letters in the order of each partition; `DEAD_LETTER_HEADERS` tell of their origin. */
  readDeadLetters(spans: readonly OffsetSpan[]): AsyncIterable<RawRecord>;
  /** Sends a dead letter where its record came from; it is durable when it resolves. The letter stays. */
  replay(letter: RawRecord): Promise<void>;
  /** What the stream received, in the order of each partition. */
  read(range: ReadRange): AsyncIterable<RawRecord>;
  lag(): Promise<readonly PartitionLag[]>;
  /** Whether an offset advanced lately or nothing waits. */
  isProgressing(): boolean;
  /** Whether a record that is appended now would be delivered soon: not while the brokers are away. */
  isHearing(): boolean;
  /** Stops fetching, lets the batches at work finish, commits and leaves. */
  close(): Promise<void>;
}
