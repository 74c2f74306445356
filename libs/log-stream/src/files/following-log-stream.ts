import type { FollowedFileConfig } from '@logbert/contracts';
import type {
  BatchHandler,
  LogStream,
  OffsetSpan,
  OutgoingMessage,
  OutgoingTopic,
  PartitionLag,
  RawRecord,
  ReadRange,
} from '../log-stream';
import { FileFollower, type FileFollowerOptions } from './file-follower';
import { readFollowed } from './read-followed';

/** Followed files beside a spool or Kafka: lines come from both, and all that is written goes to the other one. */
export class FollowingLogStream implements LogStream {
  readonly identity: string;
  private readonly follower: FileFollower;
  private closing: Promise<void> | undefined;

  constructor(
    private readonly primary: LogStream,
    files: readonly FollowedFileConfig[],
    private readonly options: FileFollowerOptions,
  ) {
    this.identity = primary.identity;
    this.follower = new FileFollower(files, options);
  }

  async subscribe(handler: BatchHandler): Promise<void> {
    await this.primary.subscribe(handler);
    await this.follower.start({ handler, park: (record, reason) => this.park(record, reason) });
  }

  append(
    stream: string,
    values: readonly Uint8Array[],
    headers?: Readonly<Record<string, string>>,
  ): Promise<void> {
    return this.primary.append(stream, values, headers);
  }

  publish(topic: OutgoingTopic, messages: readonly OutgoingMessage[]): Promise<void> {
    return this.primary.publish(topic, messages);
  }

  park(record: RawRecord, reason: string): Promise<void> {
    return this.primary.park(record, reason);
  }

  deadLetterSpans(): Promise<readonly OffsetSpan[]> {
    return this.primary.deadLetterSpans();
  }

  readDeadLetters(spans: readonly OffsetSpan[]): AsyncIterable<RawRecord> {
    return this.primary.readDeadLetters(spans);
  }

  /** A file is not written to: its lines come again by the other way. */
  replay(letter: RawRecord): Promise<void> {
    return this.primary.replay(letter);
  }

  async *read(range: ReadRange): AsyncGenerator<RawRecord, void, undefined> {
    const { dataDirectory, lineLimitBytes } = this.options;
    yield* readOneAfterTheOther(range, [
      (rest) => this.primary.read(rest),
      (rest) => readFollowed(dataDirectory, rest, lineLimitBytes),
    ]);
  }

  async lag(): Promise<readonly PartitionLag[]> {
    return (await Promise.all([this.primary.lag(), this.follower.lag()])).flat();
  }

  isProgressing(): boolean {
    return this.primary.isProgressing() && this.follower.isProgressing();
  }

  isHearing(): boolean {
    return this.primary.isHearing();
  }

  /** The files first: what cannot be read of them is parked in the other one. */
  close(): Promise<void> {
    this.closing ??= this.follower.stop().then(() => this.primary.close());
    return this.closing;
  }
}

/** Both take part of one limit. */
export async function* readOneAfterTheOther(
  range: ReadRange,
  readers: readonly ((range: ReadRange) => AsyncIterable<RawRecord>)[],
): AsyncGenerator<RawRecord, void, undefined> {
  let { limit } = range;
  for (const read of readers) {
    if (limit <= 0) return;
    for await (const record of read({ ...range, limit })) {
      limit--;
      yield record;
    }
  }
}
