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
  /** A thread ended by itself; the windows it held are lost and must be read again. */
  readonly death: (failure: Failure) => void;
  readonly modelRefused: (stream: string, modelId: string, failure: Failure) => void;
}

export type LearnStream = (stream: string) => Promise<StreamKnowledge>;

/** The detector threads. A partition is always worked on by the same one, since its windows live there. */
export class DetectorPool {
  private readonly threads: readonly DetectorThread[];
  /** Streams that the threads have been told of. */
  private readonly introduced = new Map<string, Promise<void>>();

  constructor(
    file: string,
    detection: DetectionConfig,
    private readonly learnStream: LearnStream,
    private readonly on: PoolEvents,
  ) {
    this.threads = Array.from(
      { length: detection.workers },
      () => new DetectorThread(file, { detection }, on.death),
    );
  }

  /** Runs a batch through its partition's thread. */
  async accept(batch: RecordBatch): Promise<PartitionFindings> {
    const groups = new Map<string, RecordBatch['records'][number][]>();
    for (const record of batch.records) {
      const group = groups.get(record.stream);
      if (group) group.push(record);
      else groups.set(record.stream, [record]);
    }
    const refused: StreamFindings[] = [];
    for (const [stream, records] of groups) {
      const failure = await this.refusalOf(stream);
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
      nextOffset: (batch.records.at(-1)?.offset ?? -1) + 1,
    };
    const findings = await this.threadOf(batch.partition).ask(
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
    for (const stream of kept?.streams ?? []) await this.introduce(stream);
    const order = { type: 'resume', partition, counted, kept } as const;
    return this.threadOf(partition.partition).ask(order);
  }

  /** All that is known of a partition after the batches that were handed over before this call. */
  snapshot(partition: PartitionName): Promise<PartitionSnapshot | undefined> {
    return this.threadOf(partition.partition).ask({ type: 'snapshot', partition });
  }

  /** Judges what has been silent for too long in one partition. */
  closeIdle(partition: PartitionName): Promise<PartitionFindings | undefined> {
    return this.threadOf(partition.partition).ask({ type: 'close-idle', partition });
  }

  /** Tells every thread of a stream's settings and model again, because they have changed. */
  async refresh(stream: string): Promise<void> {
    this.introduced.delete(stream);
    await this.introduce(stream);
  }

  async close(): Promise<void> {
    await Promise.all(this.threads.map((thread) => thread.close()));
  }

  /** Why there can be no such stream; its records are parked, and those of the others go on. */
  private async refusalOf(stream: string): Promise<Failure | undefined> {
    try {
      await this.introduce(stream);
      return undefined;
    } catch (error) {
      if (error instanceof Failure && !error.retriable) return error;
      throw error;
    }
  }

  private introduce(stream: string): Promise<void> {
    const known = this.introduced.get(stream);
    if (known) return known;
    const introduction = this.tellAll(stream).catch((error: unknown) => {
      // The next batch asks again.
      this.introduced.delete(stream);
      throw error;
    });
    this.introduced.set(stream, introduction);
    return introduction;
  }

  private async tellAll(stream: string): Promise<void> {
    const { settings, model } = await this.learnStream(stream);
    for (const thread of this.threads) {
      await thread.ask({ type: 'stream', stream, settings });
      if (!model) continue;
      try {
        await thread.ask({ type: 'model', stream, ...model });
      } catch (error) {
        if (!(error instanceof DetectorFailure)) throw error;
        // A model that cannot be opened must not stop the stream: the one before goes on judging.
        this.on.modelRefused(stream, model.modelId, error);
      }
    }
  }

  private threadOf(partition: number): DetectorThread {
    const thread = this.threads[partition % this.threads.length];
    if (!thread) throw new RangeError('a detector pool needs at least one thread');
    return thread;
  }
}
