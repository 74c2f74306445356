import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '@logbert/failure';
import type { LogStream, RecordBatch } from '@logbert/log-stream';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { type Findings, IncidentRecorder } from '../incidents/incident-recorder';
import { LOG_STREAM } from '../messaging/log-stream.token';
import { Checkpoints, type Release } from './checkpoints';
import { DetectorPool } from './detector-pool';
import type { PartitionFindings, StreamFindings } from './detector-protocol';
import { InferenceFigures } from './inference-figures';

const CLOSE_IDLE_EVERY_MS = 500;
const SAY_THROUGHPUT_EVERY_MS = 1_000;
const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 10_000;
const MAX_REASON_LENGTH = 200;

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
    private readonly checkpoints: Checkpoints,
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
    await this.checkpoints.finish(this.releases.values());
    await this.detectors.close();
  }

  async accept(batch: RecordBatch): Promise<void> {
    const name = `${batch.source}/${batch.partition}`;
    this.releases.set(name, batch);
    const startedAt = performance.now();
    await this.inTurn(name, async () => {
      if (!(await this.checkpoints.resume(batch))) return;
      const findings = await this.detectors.accept(batch);
      await this.checkpoints.keepingTrack(batch, async () => {
        await this.keep(findings, batch);
        await this.park(batch, findings.streams);
      });
    });
    this.figures.noteBatch(batch, (performance.now() - startedAt) / 1_000);
  }

  /** Has a stream judged by what it has become: another model, other settings. */
  refresh(stream: string): Promise<void> {
    return this.detectors.refresh(stream);
  }

  /** One round at a time: a slow one is not overtaken. A partition that fails does not hold up the others. */
  private closeIdle(): void {
    this.closing ??= Promise.all(
      [...this.releases].map(([name, release]) =>
        this.inTurn(name, () => this.closeIdleOf(release)).catch((error: unknown) =>
          this.logger.warn(`windows of ${name} were not closed: ${String(error)}`),
        ),
      ),
    )
      .then(() => undefined)
      .finally(() => (this.closing = undefined));
  }

  private async closeIdleOf(release: Release): Promise<void> {
    // What is open in a partition that was taken away is judged by whoever owns it now.
    if (release.signal.aborted) return;
    const { source, partition, epoch } = release;
    // Silence that nobody could have broken completes nothing.
    const findings = this.logStream.isHearing()
      ? await this.detectors.closeIdle({ source, partition, epoch })
      : undefined;
    if (findings) {
      await this.checkpoints.keepingTrack(release, () => this.keep(findings, release));
    } else this.checkpoints.keepIfDue(release);
  }

  /**
   * Writes what was found, as often as it takes.
   *
   * The windows that gave these findings are gone from the detector, so the batch must not come again, or its lines
   * would be counted twice. What can never be written is told and left behind; only the end of ownership is thrown.
   */
  private async keep(findings: PartitionFindings, release: Release): Promise<void> {
    release.signal.throwIfAborted();
    const owner = this.checkpoints.ownerOf(release);
    const { source, partition } = owner;
    for (const found of findings.streams) {
      const { counted, ...others } = found;
      const whole = {
        ...others,
        owner,
        counted: counted && { source, partition, stream: found.stream, ...counted },
      };
      if (!(await this.isWritten(whole, release.signal)))
        await this.writeSingly({ ...found, counted: undefined, owner }, release.signal);
      this.figures.note(findings.partition, found);
    }
  }

  /** One anomaly that cannot be written must not take the others with it. */
  private async writeSingly(found: Findings, signal: AbortSignal): Promise<void> {
    for (const anomaly of found.anomalies) {
      const alone = {
        ...found,
        anomalies: [anomaly],
        templateCounts: [],
        novelTemplates: [],
      };
      await this.isWritten(alone, signal);
    }
  }

  /** Whether the findings are durable; false when trying again cannot help. */
  private async isWritten(found: Findings, signal: AbortSignal): Promise<boolean> {
    try {
      await this.untilItSucceeds(() => this.recorder.record(found), signal);
      return true;
    } catch (error) {
      signal.throwIfAborted();
      const what = `${found.anomalies.length} anomalies and ${found.templateCounts.length} counts`;
      this.logger.error(`${what} of stream ${found.stream} cannot be written: ${String(error)}`);
      return false;
    }
  }

  private async park(batch: RecordBatch, streams: readonly StreamFindings[]): Promise<void> {
    const failures = new Map(
      streams.flatMap((found) => found.failures.map((failure) => [failure.offset, failure])),
    );
    if (failures.size === 0) return;
    for (const record of batch.records) {
      const failure = failures.get(record.offset);
      if (failure === undefined) continue;
      const { code, message } = failure;
      const reason = `${code}: ${message}`.slice(0, MAX_REASON_LENGTH);
      try {
        await this.untilItSucceeds(() => this.logStream.park(record, reason), batch.signal);
        this.figures.notePark(code);
      } catch (error) {
        batch.signal.throwIfAborted();
        // Its neighbours are in the windows already, so that the batch must not come again.
        const place = `${record.source}/${record.partition}@${record.offset}`;
        this.logger.error(`record ${place} could not be parked (${reason}): ${String(error)}`);
      }
    }
  }

  /** Tries again after every retriable failure, for as long as the partition is ours. */
  private async untilItSucceeds(work: () => Promise<void>, signal: AbortSignal): Promise<void> {
    for (let pause = FIRST_RETRY_MS; ; pause = Math.min(pause * 2, LONGEST_RETRY_MS)) {
      try {
        return await work();
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof Failure) || !error.retriable) throw error;
        this.logger.warn(`${error.code}: ${error.message}; trying again in ${pause} ms`);
        await sleep(pause, undefined, { signal });
      }
    }
  }

  private inTurn(partition: string, work: () => Promise<void>): Promise<void> {
    const before = this.turns.get(partition) ?? Promise.resolve();
    const turn = before.catch(() => undefined).then(work);
    this.turns.set(partition, turn);
    return turn;
  }
}
