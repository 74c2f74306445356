import { formatTable } from '../reporting/table';
import { median, medianOf, type Measurement, speed, mebibytes } from './measure';
import type { PipelineRun } from './pipeline-detectors';
import { type ProcessUsage, USAGE_HEADS, usageCells } from './process-usage';
import type { PythonPeer } from './python-pipeline';

/** What our runs came to: all of it of the run with the median speed. */
export interface PipelineFigures extends ProcessUsage {
  readonly linesPerSecond: number;
  readonly windowsPerSecond: number;
}

export function figuresOf(runs: readonly PipelineRun[]): PipelineFigures {
  const { seconds, windows, linesPerSecond, ...usage } = medianOf(runs);
  const { peakMemoryBytes, cpuShare, loopDelayP99Seconds } = usage;
  const windowsPerSecond = windows / seconds;
  return { linesPerSecond, windowsPerSecond, peakMemoryBytes, cpuShare, loopDelayP99Seconds };
}

/** One run of a Python program. */
export interface PeerRun extends Measurement {
  /** Of all its processes together, each at its largest, start and learning of templates included. */
  readonly peakMemoryBytes: number;
}

/** A Python program, and its runs in the order of ours. */
export interface PeerRuns {
  readonly peer: Pick<PythonPeer, 'name' | 'title'>;
  readonly runs: readonly PeerRun[];
}

/** Of the run with the median speed. */
export function peerFiguresOf({ runs }: PeerRuns): Omit<PeerRun, 'seconds'> {
  const { linesPerSecond, peakMemoryBytes } = medianOf(runs);
  return { linesPerSecond, peakMemoryBytes };
}

/** How many times as fast ours are: the median of the ratios of the turns. */
export function ratioTo({ runs }: PeerRuns, ours: readonly Measurement[]): number {
  return median(
    runs.map(({ linesPerSecond }, turn) => (ours[turn]?.linesPerSecond ?? NaN) / linesPerSecond),
  );
}

/** @param compared our runs that the peers are compared with */
export function pipelineTable(
  ours: Readonly<Record<string, PipelineFigures>>,
  peers: readonly PeerRuns[],
  compared: readonly Measurement[],
): string {
  const rows = [
    ...Object.entries(ours).map(([title, figures]) => [
      ...[title, speed(figures.linesPerSecond), '', speed(figures.windowsPerSecond)],
      ...usageCells(figures),
    ]),
    ...peers.map((peer) => {
      const { linesPerSecond, peakMemoryBytes } = peerFiguresOf(peer);
      const ratio = ratioTo(peer, compared).toFixed(2);
      return [peer.peer.title, speed(linesPerSecond), ratio, '', mebibytes(peakMemoryBytes)];
    }),
  ];
  const heads = ['raw bytes to decisions', 'lines/s', 'ratio', 'windows/s', ...USAGE_HEADS];
  return formatTable(heads, rows);
}
