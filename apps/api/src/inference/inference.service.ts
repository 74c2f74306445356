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
type Release = Pick<RecordBatch, 'epoch' | 'release' | 'signal'>;

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
      // What was found under an earlier ownership is found again by whoever owns the partition now.
      if (!release || release.epoch !== found.partition.epoch || release.signal.aborted) continue;
      await this.inTurn(name, () => this.keep(found, release));
    }
  }

  /**
   * Writes what was found, as often as it takes, then lets go of the positions behind it.
   *
   * The windows that gave these findings are gone from the detector, so the batch must not come again, or its lines
   * would be counted twice. What can never be written is told and left behind; only the end of ownership is thrown.
   */
  private async keep(findings: PartitionFindings, release: Release): Promise<void> {
    release.signal.throwIfAborted();
    for (const found of findings.streams) {
      if (!(await this.isWritten(found, release.signal)))
        await this.writeSingly(found, release.signal);
      this.figures.note(findings.partition, found);
    }
    if (findings.lowWatermark !== null) release.release(findings.lowWatermark);
  }

  /** One anomaly that cannot be written must not take the others with it. */
  private async writeSingly(found: StreamFindings, signal: AbortSignal): Promise<void> {
    for (const anomaly of found.anomalies) {
      const alone = { ...found, anomalies: [anomaly], templateCounts: [], novelTemplates: [] };
      await this.isWritten(alone, signal);
    }
  }

  /** Whether the findings are durable; false when trying again cannot help. */
  private async isWritten(found: StreamFindings, signal: AbortSignal): Promise<boolean> {
    for (let pause = FIRST_RETRY_MS; ; pause = Math.min(pause * 2, LONGEST_RETRY_MS)) {
      try {
        await this.recorder.record(found);
        return true;
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof Failure) || !error.retriable) {
          const what = `${found.anomalies.length} anomalies of stream ${found.stream}`;
          this.logger.error(`${what} could not be written and are left out: ${String(error)}`);
          return false;
        }
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
