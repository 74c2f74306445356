import { setTimeout as sleep } from 'node:timers/promises';
import { MeasurementFailure } from './measurement-failure';
import { mebibytes, median, speed } from './measure';
import type { ServerFigures } from './server-figures';

const ASK_EVERY_MS = 500;
const PATIENCE_MS = 120_000;
const TELL_EVERY_MS = 15_000;
const QUARTERS = 4;

interface Clock {
  now(): number;
  sleep(ms: number): Promise<unknown>;
}

const REAL_CLOCK: Clock = { now: () => performance.now(), sleep };

interface Entry {
  readonly atMs: number;
  readonly figures: ServerFigures;
}

/** What the server told of itself during a measurement. */
export class FigureLog {
  private readonly entries: Entry[] = [];

  constructor(
    private readonly site: { figures(): Promise<ServerFigures> },
    private readonly clock: Clock = REAL_CLOCK,
  ) {}

  /**
   * Asks until so many lines were processed.
   *
   * @param say is told now and then how far it has come
   * @throws MeasurementFailure when none is for two minutes
   */
  async untilProcessed(
    lines: number,
    say: (step: string) => void = () => undefined,
  ): Promise<void> {
    let toldAtMs = this.clock.now();
    for (let best = -1, bestAtMs = toldAtMs; ;) {
      const figures = await this.site.figures();
      const atMs = this.clock.now();
      this.entries.push({ atMs, figures });
      if (atMs - toldAtMs >= TELL_EVERY_MS) {
        say(
          `${speed(figures.processedLines)} of ${speed(lines)} lines, ${mebibytes(figures.residentBytes)}`,
        );
        toldAtMs = atMs;
      }
      if (figures.processedLines >= lines) return;
      if (figures.processedLines > best) [best, bestAtMs] = [figures.processedLines, atMs];
      if (atMs - bestAtMs > PATIENCE_MS) {
        throw new MeasurementFailure(`stuck after ${best} of ${lines} lines`);
      }
      await this.clock.sleep(ASK_EVERY_MS);
    }
  }

  /** Asks for so long. */
  async during(forMs: number): Promise<void> {
    const untilMs = this.clock.now() + forMs;
    while (this.clock.now() < untilMs) {
      const figures = await this.site.figures();
      this.entries.push({ atMs: this.clock.now(), figures });
      await this.clock.sleep(ASK_EVERY_MS);
    }
  }

  /** @param startedAtMs by the clock of `performance.now()` */
  summary(startedAtMs: number) {
    const [first, last] = [this.entries[0], this.entries.at(-1)];
    if (!first || !last) throw new RangeError('nothing was measured');
    const delays = this.entries.slice(1).map(({ figures }) => figures.loopDelayP99Seconds);
    const seconds = (last.atMs - startedAtMs) / 1_000;
    return {
      seconds,
      anomalies: last.figures.anomalies - first.figures.anomalies,
      peakMemoryBytes: Math.max(...this.entries.map(({ figures }) => figures.residentBytes)),
      /** Median of each quarter of the lines that was seen. */
      memoryByQuarterBytes: this.memoryByQuarter(last.figures.processedLines),
      /** Processor time of the server a second. */
      cpuShare: (last.figures.cpuSeconds - first.figures.cpuSeconds) / seconds,
      /** Of the p99 of each half second. */
      loopDelayP99Seconds: { median: median(delays), worst: Math.max(...delays) },
    };
  }

  /** From the first look that saw lines processed to the last: without the start of a server. NaN where that is the same one. */
  get steadyLinesPerSecond(): number {
    const first = this.entries.find(({ figures }) => figures.processedLines > 0);
    const last = this.entries.at(-1);
    if (!first || !last || first === last) return NaN;
    const lines = last.figures.processedLines - first.figures.processedLines;
    return (lines * 1_000) / (last.atMs - first.atMs);
  }

  private memoryByQuarter(lines: number): readonly number[] {
    const quarters: number[][] = Array.from({ length: QUARTERS }, () => []);
    for (const { figures } of this.entries) {
      const quarter = Math.floor((figures.processedLines / lines) * QUARTERS);
      quarters[Math.min(QUARTERS - 1, quarter)]?.push(figures.residentBytes);
    }
    // One that went by between two looks is left out.
    return quarters.filter(({ length }) => length > 0).map(median);
  }
}

type Summary = ReturnType<FigureLog['summary']>;

export const FIGURE_HEADS = [
  'anomalies',
  'peak memory',
  'memory by quarter',
  'CPU',
  'loop delay p99 median / worst',
];

export function figureCells(summary: Summary): string[] {
  const { median: usual, worst } = summary.loopDelayP99Seconds;
  return [
    String(summary.anomalies),
    mebibytes(summary.peakMemoryBytes),
    summary.memoryByQuarterBytes.map(mebibytes).join(', '),
    `${Math.round(summary.cpuShare * 100)} %`,
    `${milliseconds(usual)} / ${milliseconds(worst)}`,
  ];
}

export function milliseconds(seconds: number): string {
  return `${(seconds * 1_000).toFixed(1)} ms`;
}
