import { monitorEventLoopDelay } from 'node:perf_hooks';
import { milliseconds } from './figure-log';
import { mebibytes } from './measure';
import { delayOf, LOOP_TIMER_MS } from './server-figures';

const LOOK_EVERY_MS = 50;
const NANOSECONDS = 1e9;

/** What this process took while a piece of work ran, all of its threads together. */
export interface ProcessUsage {
  /** Largest resident set that was seen, looked at every 50 ms. */
  readonly peakMemoryBytes: number;
  /** Processor time a second: 1 is one core. */
  readonly cpuShare: number;
  /** 99th percentile of how much later than it is due a timer of the calling thread runs. NaN when the work was over before. */
  readonly loopDelayP99Seconds: number;
}

/** Runs the work and watches the process meanwhile; other work of the process is in the figures, too. */
export async function watchProcess(work: () => Promise<void>): Promise<ProcessUsage> {
  let peakMemoryBytes = 0;
  const look = (): void => {
    peakMemoryBytes = Math.max(peakMemoryBytes, process.memoryUsage.rss());
  };
  const delays = monitorEventLoopDelay({ resolution: LOOP_TIMER_MS });
  const looking = setInterval(look, LOOK_EVERY_MS);
  delays.enable();
  const [cpuBefore, startedAt] = [process.cpuUsage(), performance.now()];
  try {
    look();
    await work();
    look();
    const { user, system } = process.cpuUsage(cpuBefore);
    const microseconds = 1_000 * (performance.now() - startedAt);
    return {
      peakMemoryBytes,
      cpuShare: (user + system) / microseconds,
      loopDelayP99Seconds: delays.count > 0 ? delayOf(delays.percentile(99) / NANOSECONDS) : NaN,
    };
  } finally {
    clearInterval(looking);
    delays.disable();
  }
}

export const USAGE_HEADS = ['peak memory', 'CPU', 'loop delay p99'];

export function usageCells({
  peakMemoryBytes,
  cpuShare,
  loopDelayP99Seconds,
}: ProcessUsage): string[] {
  return [
    mebibytes(peakMemoryBytes),
    `${Math.round(cpuShare * 100)} %`,
    milliseconds(loopDelayP99Seconds),
  ];
}
