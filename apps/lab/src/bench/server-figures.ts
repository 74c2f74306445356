import { ROUTES } from '@logbert/contracts';

/** Of Node's own measurement, as the server has it. */
export const LOOP_TIMER_MS = 10;

/** Node tells the time from one run of its timer to the next; what is later than the timer is set for is the delay. An idle process has 10 ms. */
export function delayOf(secondsBetweenRuns: number): number {
  return Math.max(0, secondsBetweenRuns - LOOP_TIMER_MS / 1_000);
}

/** What the server tells of itself. */
export interface ServerFigures {
  readonly processedLines: number;
  readonly anomalies: number;
  /** Lines that wait. */
  readonly lag: number;
  readonly openWindows: number;
  readonly residentBytes: number;
  readonly cpuSeconds: number;
  /** How much later than it was due a timer of the main thread ran, of the time since it was asked before. */
  readonly loopDelayP99Seconds: number;
}

/** @param stream counts its lines and anomalies alone; left out, those of all */
export async function readFigures(url: string, stream?: string): Promise<ServerFigures> {
  // A connection of its own: an old one may be closed by a server that was busy for long.
  const headers = { connection: 'close' };
  const text = await (await fetch(`${url}${ROUTES.metrics}`, { headers })).text();
  return {
    processedLines: sumOf(text, 'logbert_lines_processed_total', stream),
    anomalies: sumOf(text, 'logbert_anomalies_total', stream),
    lag: sumOf(text, 'logbert_consumer_lag_records'),
    openWindows: sumOf(text, 'logbert_open_windows', stream),
    residentBytes: sumOf(text, 'process_resident_memory_bytes'),
    cpuSeconds: sumOf(text, 'process_cpu_seconds_total'),
    loopDelayP99Seconds: delayOf(sumOf(text, 'nodejs_eventloop_lag_p99_seconds')),
  };
}

/** Of all series of a metric in Prometheus' text form; 0 when there is none. */
function sumOf(text: string, name: string, stream?: string): number {
  const series = text.matchAll(new RegExp(`^${name}(\\{[^}]*\\})? (\\S+)`, 'gm'));
  return [...series]
    .filter(([, labels = '']) => stream === undefined || labels.includes(`stream="${stream}"`))
    .reduce((sum, [, , value]) => sum + Number(value), 0);
}
