import type { BundleFile, DetectionConfig, StreamSettings } from '@logbert/contracts';
import { Failure } from '@logbert/failure';
import type { RecordBatch } from '@logbert/log-stream';
import {
  type AcceptOrder,
  NOTHING_FOUND,
  type PartitionFindings,
  type PartitionName,
  type PartitionSnapshot,
  type ResumeAnswer,
  type ResumeOrder,
  type StreamFindings,
} from './detector-protocol';
import { DetectorFailure, DetectorThread } from './detector-thread';
import { buffersOf, packRecords } from './packed-records';

/** What a thread must know of a stream before it can judge its lines. */
export interface StreamKnowledge {
  readonly settings: StreamSettings;
  readonly model:
    | { readonly modelId: string; readonly files: Readonly<Record<BundleFile, Uint8Array>> }
    | undefined;
}

/** What a pool has to say without being asked. */
export interface PoolEvents {
  /** A thread ended by itself and another one has its place; the windows of its partitions are lost with it. */
  readonly loss: (failure: Failure, isOfThread: (partition: number) => boolean) => void;
  /** Threads end one after the other. */
  readonly death: (failure: Failure) => void;
  readonly modelRefused: (stream: string, modelId: string, failure: Failure) => void;
}

export type LearnStream = (stream: string) => Promise<StreamKnowledge>;

export interface PoolSettings {
  /** The built worker program. */
  readonly file: string;
  readonly detection: DetectionConfig;
  /** As of a detector thread. */
  readonly sessionsByTime?: boolean;
  /** A thread that has been asked and says nothing for so long is stuck, and replaced. */
  readonly answerWithinMs?: number;
}

interface Place {
  thread: DetectorThread;
  /** Streams that the thread has been told of. */
  told: Map<string, Promise<void>>;
}

const ANSWER_WITHIN_MS = 120_000;
/** Threads that may be replaced in an hour. */
const REPLACEMENTS = 3;
const HOUR_MS = 3_600_000;

/** The detector threads. A partition is always worked on by the same one, since its windows live there. */
export class DetectorPool {
  private readonly places: readonly Place[];
  private readonly lossesAtMs: number[] = [];

  constructor(
    private readonly settings: PoolSettings,
    private readonly learnStream: LearnStream,
    private readonly on: PoolEvents,
  ) {
    const { workers } = settings.detection;
    this.places = Array.from({ length: workers }, (_, place) => ({
      thread: this.startThread(place),
      told: new Map(),
    }));
  }

  /** Runs a batch through its partition's thread. */
  async accept(batch: RecordBatch): Promise<PartitionFindings> {
    const groups = new Map<string, RecordBatch['records'][number][]>();
    for (const record of batch.records) {
      const group = groups.get(record.stream);
      if (group) group.push(record);
      else groups.set(record.stream, [record]);
    }
    const place = this.placeOf(batch.partition);
    const refused: StreamFindings[] = [];
    for (const [stream, records] of groups) {
      const failure = await this.refusalOf(stream, place);
      if (!failure) continue;
      groups.delete(stream);
      refused.push({
        ...NOTHING_FOUND,
        stream,
        failures: records.map(({ offset }) => ({
          offset,
          code: failure.code,
          message: failure.message,
        })),
      });
    }

    const packed = [...groups].map(([stream, records]) => ({
      stream,
      records: packRecords(records),
    }));
    const order: AcceptOrder = {
      type: 'accept',
      partition: { source: batch.source, partition: batch.partition, epoch: batch.epoch },
      groups: packed,
      nextOffset: batch.nextOffset,
      highWatermark: batch.highWatermark,
    };
    const findings = await place.thread.ask(
      order,
      packed.flatMap(({ records }) => buffersOf(records)),
    );
    return { ...findings, streams: [...findings.streams, ...refused] };
  }

  /** Begins a partition in a new epoch, before its first batch. */
  async resume(
    partition: PartitionName,
    counted: ReadonlyMap<string, number>,
    kept?: NonNullable<ResumeOrder['kept']> & { readonly streams: readonly string[] },
  ): Promise<ResumeAnswer> {
    const place = this.placeOf(partition.partition);
    for (const stream of kept?.streams ?? []) await this.introduce(stream, place);
    return place.thread.ask({ type: 'resume', partition, counted, kept });
  }

  /** All that is known of a partition after the batches that were handed over before this call. */
  snapshot(partition: PartitionName): Promise<PartitionSnapshot | undefined> {
    return this.placeOf(partition.partition).thread.ask({ type: 'snapshot', partition });
  }

  /** Judges what has been silent for too long in one partition. */
  closeIdle(partition: PartitionName): Promise<PartitionFindings | undefined> {
    return this.placeOf(partition.partition).thread.ask({ type: 'close-idle', partition });
  }

  /** Tells the threads that know a stream of its settings and model again, because they have changed. */
  async refresh(stream: string): Promise<void> {
    for (const place of this.places) {
      if (place.told.delete(stream)) await this.introduce(stream, place);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.places.map(({ thread }) => thread.close()));
  }

  /** Why there can be no such stream; its records are parked, and those of the others go on. */
  private async refusalOf(stream: string, place: Place): Promise<Failure | undefined> {
    try {
      await this.introduce(stream, place);
      return undefined;
    } catch (error) {
      if (error instanceof Failure && !error.retriable) return error;
      throw error;
    }
  }

  private introduce(stream: string, place: Place): Promise<void> {
    const { told } = place;
    const known = told.get(stream);
    if (known) return known;
    const introduction = this.tell(stream, place.thread).catch((error: unknown) => {
      // The next batch asks again.
      told.delete(stream);
      throw error;
    });
    told.set(stream, introduction);
    return introduction;
  }

  private async tell(stream: string, thread: DetectorThread): Promise<void> {
    const { settings, model } = await this.learnStream(stream);
    await thread.ask({ type: 'stream', stream, settings });
    if (!model) return;
    try {
      await thread.ask({ type: 'model', stream, ...model });
    } catch (error) {
      if (!(error instanceof DetectorFailure) || error.retriable) throw error;
      // A model that cannot be opened must not stop the stream: the one before goes on judging.
      this.on.modelRefused(stream, model.modelId, error);
    }
  }

  private startThread(place: number): DetectorThread {
    const { file, detection, sessionsByTime, answerWithinMs = ANSWER_WITHIN_MS } = this.settings;
    return new DetectorThread(file, { detection, sessionsByTime }, answerWithinMs, (failure) =>
      this.replace(place, failure),
    );
  }

  private replace(index: number, failure: Failure): void {
    const now = Date.now();
    const place = this.places[index];
    this.lossesAtMs.push(now);
    const lately = this.lossesAtMs.filter((atMs) => now - atMs < HOUR_MS);
    if (!place || lately.length > REPLACEMENTS) return this.on.death(failure);
    place.thread = this.startThread(index);
    place.told = new Map();
    this.on.loss(failure, (partition) => partition % this.places.length === index);
  }

  private placeOf(partition: number): Place {
    const place = this.places[partition % this.places.length];
    if (!place) throw new RangeError('a detector pool needs at least one thread');
    return place;
  }
}
