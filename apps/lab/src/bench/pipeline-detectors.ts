import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { BundleFile, DetectionConfig, StreamSettings } from '@logbert/contracts';
import { buildGroupFinder } from '@logbert/log-records';
import { measure, type Measurement } from './measure';
import { MeasurementFailure } from './measurement-failure';
import { type ProcessUsage, watchProcess } from './process-usage';

/** Of a detector thread of the server. */
const YOUNG_MEBIBYTES = 96;

/** What one detector works on. */
export interface PipelineJob {
  /** Lines, one after the other, each with a line feed behind it. */
  readonly log: string;
  /** How many of them. */
  readonly lines: number;
  readonly files: Readonly<Record<BundleFile, Uint8Array>>;
  readonly settings: StreamSettings;
  readonly detection: DetectionConfig;
  /** Lines handed over at once. */
  readonly batch: number;
  /** Of one operator of the network. */
  readonly threads: number;
}

/** Answered by a number of windows: none, and those that were judged. */
export type PipelineOrder = 'prepare' | 'run';

export type PipelineRun = Measurement & ProcessUsage & { readonly windows: number };

/** Detectors that work side by side on parts of a log, each in a thread of its own. */
export class PipelineDetectors implements AsyncDisposable {
  private readonly workers: readonly Worker[];
  private readonly lines: number;
  private readonly died: Promise<never>;

  constructor(jobs: readonly PipelineJob[]) {
    const program = join(dirname(process.argv[1] ?? ''), 'pipeline-job.js');
    const resourceLimits = { maxYoungGenerationSizeMb: YOUNG_MEBIBYTES };
    this.workers = jobs.map((job) => new Worker(program, { workerData: job, resourceLimits }));
    this.died = Promise.race(
      this.workers.map(async (worker) => {
        const [code] = (await once(worker, 'exit')) as [number];
        throw new MeasurementFailure(`a detector ended with ${code}`);
      }),
    );
    // It is waited for where something is asked.
    this.died.catch(() => undefined);
    this.lines = jobs.reduce((sum, { lines }) => sum + lines, 0);
  }

  /** From when all begin to when the last one is done; what comes before, reading the model, is left out. */
  async run(): Promise<PipelineRun> {
    await this.ask('prepare');
    let windows = 0;
    let measured: Measurement = { seconds: NaN, linesPerSecond: NaN };
    const usage = await watchProcess(async () => {
      measured = await measure(this.lines, async () => {
        windows = await this.ask('run');
      });
    });
    return { ...measured, ...usage, windows };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }

  /** @throws what a thread died of */
  private async ask(order: PipelineOrder): Promise<number> {
    const answers = this.workers.map((worker) => once(worker, 'message') as Promise<[number]>);
    for (const worker of this.workers) worker.postMessage(order);
    const windows = await Promise.race([Promise.all(answers), this.died]);
    return windows.reduce((sum, [own]) => sum + own, 0);
  }
}

/**
 * Shares lines out as partitions do: those of a session, or of a service where they have none, stay together and in their order.
 * Groups take turns; what can never be a line goes with the first part.
 */
export function shareOut(
  lines: readonly Uint8Array[],
  settings: StreamSettings,
  parts: number,
): readonly (readonly Uint8Array[])[] {
  if (parts === 1) return [lines];
  const groupOf = buildGroupFinder(settings);
  const partOf = new Map<string, number>();
  const shared: Uint8Array[][] = Array.from({ length: parts }, () => []);
  for (const line of lines) {
    const key = groupOf(line, 0);
    if (key !== undefined && !partOf.has(key)) partOf.set(key, partOf.size % parts);
    shared[key === undefined ? 0 : (partOf.get(key) ?? 0)]?.push(line);
  }
  return shared;
}
