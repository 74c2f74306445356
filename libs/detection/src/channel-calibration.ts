import type { CalibrationCells } from './calibration-cells';
import { CHANNEL_UNITS, LONG_WINDOW, type WindowChannel } from './channel-scores';
import { ScoreCalibration, type ScoreCalibrationSnapshot } from './score-calibration';

/** Fewest windows by which one side of a cell is calibrated; smaller cells use the channel's pooled scores. */
const MIN_CELL_SCORES = 20;

export interface ChannelCalibrationSnapshot {
  readonly upper: readonly ScoreCalibrationSnapshot[];
  /** Present for a channel that is odd at both ends. */
  readonly lower?: readonly ScoreCalibrationSnapshot[] | undefined;
}

interface ScoredLines {
  readonly score: number;
  /** Lines of the window. */
  readonly lines: number;
  readonly cell: number;
}

/**
 * The p-values of one channel, by kind of window. Whether a key is expected does not depend on how long a window is: `presence`
 * is calibrated on windows of any length, which tell four times as finely what is rare.
 */
export class ChannelCalibration {
  private constructor(
    private readonly upper: readonly ScoreCalibration[],
    private readonly lower: readonly ScoreCalibration[] | undefined,
  ) {}

  /** @param scored score and cell of every calibration window */
  static of(
    channel: WindowChannel,
    scored: readonly ScoredLines[],
    cells: CalibrationCells,
  ): ChannelCalibration {
    const byCell: ScoredLines[][] = Array.from({ length: cells.count }, () => []);
    for (const one of scored) byCell[one.cell]?.push(one);
    const chosen = byCell.map((scores, cell) => {
      const ofAnyLength = (): readonly ScoredLines[] =>
        byCell.filter((_, other) => cells.areAlike(cell, other)).flat();
      const own = channel === 'presence' ? ofAnyLength() : scores;
      return own.length < MIN_CELL_SCORES ? scored : own;
    });
    const calibrationOf = (windows: readonly ScoredLines[], sign: 1 | -1): ScoreCalibration =>
      ScoreCalibration.of(
        windows.map(({ score }) => sign * score),
        unitOf(channel, windows),
      );
    const upper = chosen.map((windows) => calibrationOf(windows, 1));
    if (channel !== 'surprise-mean') return new ChannelCalibration(upper, undefined);
    return new ChannelCalibration(
      upper,
      chosen.map((windows) => calibrationOf(windows, -1)),
    );
  }

  static restore({ upper, lower }: ChannelCalibrationSnapshot): ChannelCalibration {
    const restore = (snapshot: ScoreCalibrationSnapshot): ScoreCalibration =>
      ScoreCalibration.restore(snapshot);
    return new ChannelCalibration(upper.map(restore), lower?.map(restore));
  }

  snapshot(): ChannelCalibrationSnapshot {
    const upper = this.upper.map((calibration) => calibration.snapshot());
    if (!this.lower) return { upper };
    return { upper, lower: this.lower.map((calibration) => calibration.snapshot()) };
  }

  /** @returns p-value in (0, 1]; of the odder end, doubled, where a channel has two */
  pValueOf(score: number, cell: number): number {
    const above = this.upper[cell]?.pValueOf(score) ?? 1;
    if (!this.lower) return above;
    return Math.min(1, 2 * Math.min(above, this.lower[cell]?.pValueOf(-score) ?? 1));
  }

  /** The same for a score of the calibration itself, as if it had been left out. */
  pValueWithout(score: number, cell: number): number {
    const above = this.upper[cell]?.pValueWithout(score) ?? 1;
    if (!this.lower) return above;
    return Math.min(1, 2 * Math.min(above, this.lower[cell]?.pValueWithout(-score) ?? 1));
  }

  /** The score that a share `pValue` of a cell's windows reaches, largest over the cells. */
  quantile(pValue: number): number {
    return Math.max(...this.upper.map((calibration) => calibration.quantile(pValue)));
  }
}

/** Shares of a window's lines: the same few lines are a smaller share of a long one. The median length of a cell stands for all of its windows. */
const SHARES_OF_LINES: ReadonlySet<WindowChannel> = new Set(['count-vector', 'ngram']);

function unitOf(channel: WindowChannel, windows: readonly ScoredLines[]): number {
  const unit = CHANNEL_UNITS[channel];
  if (!SHARES_OF_LINES.has(channel)) return unit;
  const lines = windows.map((window) => window.lines).sort((a, b) => a - b);
  const median = lines[lines.length >>> 1] ?? 0;
  return unit * Math.min(1, (LONG_WINDOW - 1) / Math.max(1, median));
}
