import type { LogStream, RecordBatch } from '@logbert/log-stream';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { LOG_STREAM } from '../messaging/log-stream.token';
import { Checkpoints, type Release } from './checkpoints';
import { DetectorPool } from './detector-pool';
import type { PartitionFindings } from './detector-protocol';
import { FindingsWriter } from './findings-writer';
import { InferenceFigures } from './inference-figures';

const CLOSE_IDLE_EVERY_MS = 500;
const SAY_THROUGHPUT_EVERY_MS = 1_000;

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
    private readonly writer: FindingsWriter,
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
        await this.writer.park(batch, findings.streams);
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

  private async keep(findings: PartitionFindings, release: Release): Promise<void> {
    release.signal.throwIfAborted();
    const owner = this.checkpoints.ownerOf(release);
    const { source, partition } = owner;
    for (const found of findings.streams) {
      const { counted, ...others } = found;
      const lines = counted && { source, partition, stream: found.stream, ...counted };
      await this.writer.write({ ...others, owner, counted: lines }, release);
      this.figures.note(findings.partition, found);
    }
  }

  private inTurn(partition: string, work: () => Promise<void>): Promise<void> {
    const before = this.turns.get(partition) ?? Promise.resolve();
    const turn = before.catch(() => undefined).then(work);
    this.turns.set(partition, turn);
    return turn;
  }
}
