import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '@logbert/failure';
import type { LogStream, RawRecord, RecordBatch } from '@logbert/log-stream';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { IncidentRecorder } from '../incidents/incident-recorder';
import { LOG_STREAM } from '../messaging/log-stream.token';
import { DetectorPool } from './detector-pool';
import type { PartitionFindings, StreamFindings } from './detector-protocol';
import { InferenceFigures } from './inference-figures';

const CLOSE_IDLE_EVERY_MS = 500;
const SAY_THROUGHPUT_EVERY_MS = 1_000;
const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 10_000;

/** The newest batch of a partition: through it positions are released when its windows close later. */
type Release = Pick<RecordBatch, 'release' | 'signal'>;

/** Runs batches through detection and makes what was found durable before positions may be committed. */
@Injectable()
export class InferenceService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(InferenceService.name);
  private readonly releases = new Map<string, Release>();
  /** Work on one partition is done one piece after the other, so that positions only move forward. */
  private readonly turns = new Map<string, Promise<void>>();
  private readonly timers: NodeJS.Timeout[] = [];
  private closing: Promise<void> | undefined;

  constructor(
    @Inject(LOG_STREAM) private readonly logStream: LogStream,
    private readonly detectors: DetectorPool,
    private readonly recorder: IncidentRecorder,
    private readonly figures: InferenceFigures,
  ) {}

  onApplicationBootstrap(): void {
    this.timers.push(
      setInterval(() => this.closeIdle(), CLOSE_IDLE_EVERY_MS),
      setInterval(() => {
        this.figures
          .sayThroughput()
          .catch((error: unknown) => this.logger.warn(`throughput is unknown: ${String(error)}`));
      }, SAY_THROUGHPUT_EVERY_MS),
    );
  }

  async beforeApplicationShutdown(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    await this.closing;
    await Promise.allSettled(this.turns.values());
    await this.detectors.close();
  }

  async accept(batch: RecordBatch): Promise<void> {
    const name = `${batch.source}/${batch.partition}`;
    this.releases.set(name, batch);
    const startedAt = performance.now();
    await this.inTurn(name, async () => {
      const findings = await this.detectors.accept(batch);
      await this.park(batch.records, findings.streams);
      await this.keep(findings, batch);
    });
    this.figures.noteBatch((performance.now() - startedAt) / 1_000);
  }

  /** Judges again by what a stream has become: another model, other settings. */
  async refresh(stream: string): Promise<void> {
    await this.keepAll(await this.detectors.refresh(stream));
  }

  /** One round at a time: a slow one is not overtaken. */
  private closeIdle(): void {
    this.closing ??= this.detectors
      .closeIdle()
      .then((findings) => this.keepAll(findings))
      .catch((error: unknown) => this.logger.warn(`idle windows stay open: ${String(error)}`))
      .finally(() => (this.closing = undefined));
  }

  private async keepAll(findings: readonly PartitionFindings[]): Promise<void> {
    for (const found of findings) {
      const name = `${found.partition.source}/${found.partition.partition}`;
      const release = this.releases.get(name);
      if (release) await this.inTurn(name, () => this.keep(found, release));
    }
  }

  /** Writes what was found, as often as it takes, then lets go of the positions behind it. */
  private async keep(findings: PartitionFindings, release: Release): Promise<void> {
    for (const found of findings.streams) {
      await this.untilItSucceeds(() => this.recorder.record(found), release.signal);
      this.figures.note(found);
    }
    if (findings.lowWatermark !== null) release.release(findings.lowWatermark);
  }

  /**
   * The windows that gave these findings are gone from the detector, so handing the batch back would lose them:
   * the write is tried again here until it succeeds, or until the partition is somebody else's and is read again.
   */
  private async untilItSucceeds(write: () => Promise<void>, signal: AbortSignal): Promise<void> {
    for (let pause = FIRST_RETRY_MS; ; pause = Math.min(pause * 2, LONGEST_RETRY_MS)) {
      try {
        return await write();
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof Failure) || !error.retriable) throw error;
        this.logger.warn(`${error.code}: ${error.message}; trying again in ${pause} ms`);
        await sleep(pause, undefined, { signal });
      }
    }
  }

  private async park(
    records: readonly RawRecord[],
    streams: readonly StreamFindings[],
  ): Promise<void> {
    const reasons = new Map(
      streams.flatMap(({ failures }) => failures.map(({ offset, message }) => [offset, message])),
    );
    for (const record of records) {
      const reason = reasons.get(record.offset);
      if (reason !== undefined) await this.logStream.park(record, reason);
    }
  }

  private inTurn(partition: string, work: () => Promise<void>): Promise<void> {
    const before = this.turns.get(partition) ?? Promise.resolve();
    const turn = before.catch(() => undefined).then(work);
    this.turns.set(partition, turn);
    return turn;
  }
}
