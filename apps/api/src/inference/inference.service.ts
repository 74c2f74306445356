import type { LogStream, RecordBatch } from '@logbert/log-stream';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { LOG_STREAM } from '../messaging/log-stream.token';
import { Checkpoints, nameOf, type Release } from './checkpoints';
import { DetectorPool } from './detector-pool';
import type { PartitionFindings } from './detector-protocol';
import { FindingsWriter } from './findings-writer';
import { InferenceFigures } from './inference-figures';
import { PartitionWork } from './partition-work';

const CLOSE_IDLE_EVERY_MS = 500;
const SAY_THROUGHPUT_EVERY_MS = 1_000;

/** Runs batches through detection and makes what was found durable before positions may be committed. */
@Injectable()
export class InferenceService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(InferenceService.name);
  private readonly releases = new Map<string, Release>();
  private readonly works = new Map<string, PartitionWork>();
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
    await Promise.all([...this.works.values()].map((work) => work.settle()));
    await this.checkpoints.finish(this.releases.values());
    await this.detectors.close();
  }

  /** Resolves when the next batch of the partition may come, which is before what was found in this one is written. */
  accept(batch: RecordBatch): Promise<void> {
    const work = this.workOn(batch);
    this.releases.set(nameOf(batch), batch);
    this.figures.beginBatch(batch);
    const startedAt = performance.now();
    return work.run(
      async () => {
        if (!this.checkpoints.isUnderWay(batch)) await work.beginAnew();
        if (!(await this.checkpoints.resume(batch))) return undefined;
        // Now, while nothing of the partition is being looked into: what is kept is soon there, and waits for one write only.
        this.checkpoints.keepIfDue(batch);
        return this.checkpoints.tracked(batch, () => this.detectors.accept(batch));
      },
      async (tracked) => {
        await tracked?.write(async (findings) => {
          await this.keep(findings, batch);
          await this.writer.park(batch, findings.streams);
          this.figures.noteBatch(batch, (performance.now() - startedAt) / 1_000);
        });
      },
    );
  }

  /** Has a stream judged by what it has become: another model, other settings. */
  refresh(stream: string): Promise<void> {
    return this.detectors.refresh(stream);
  }

  /** One round at a time: a slow one is not overtaken. A partition that fails does not hold up the others. */
  private closeIdle(): void {
    this.closing ??= Promise.all(
      [...this.releases].map(([name, release]) =>
        this.closeIdleOf(release).catch((error: unknown) =>
          this.logger.warn(`windows of ${name} were not closed: ${String(error)}`),
        ),
      ),
    )
      .then(() => undefined)
      .finally(() => (this.closing = undefined));
  }

  private async closeIdleOf(release: Release): Promise<void> {
    const { source, partition, epoch, signal } = release;
    // What is open in a partition that was taken away is judged by whoever owns it now.
    if (signal.aborted) return this.figures.forget(release);
    await this.workOn(release).run(
      async () => {
        if (signal.aborted) return undefined;
        this.checkpoints.keepIfDue(release);
        // Silence that nobody could have broken completes nothing.
        if (!this.logStream.isHearing()) return undefined;
        return this.checkpoints.tracked(release, () =>
          this.detectors.closeIdle({ source, partition, epoch }),
        );
      },
      async (tracked) => {
        await tracked?.write((findings) => this.keep(findings, release));
      },
    );
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

  private workOn(release: Release): PartitionWork {
    const name = nameOf(release);
    let work = this.works.get(name);
    if (!work) this.works.set(name, (work = new PartitionWork()));
    return work;
  }
}
