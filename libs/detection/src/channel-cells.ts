import { CalibrationCells, type CalibrationCellsSnapshot } from './calibration-cells';
import type { WindowChannel } from './channel-scores';

/** The cells in which one window is compared. */
export interface WindowCells {
  readonly byLines: number;
  readonly byKeys: number;
}

interface MeasuredWindow {
  /** Lines. */
  readonly length: number;
  /** Distinct keys. */
  readonly keys: number;
  readonly group: string | undefined;
}

interface ChannelCellsSnapshot {
  readonly cells: CalibrationCellsSnapshot;
  /** Absent in bundles of older versions: every channel is calibrated by the number of lines. */
  readonly keyCells?: CalibrationCellsSnapshot | undefined;
}

/**
 * With which windows each channel compares one: those of as many lines, and for rarity those of as many distinct keys. The
 * rarest of forty keys is rarer than the rarest of ten, however many lines they came in; without this, a long window
 * is rare for all that it does, and one that does little of it is not.
 */
export class ChannelCells {
  private constructor(
    private readonly lines: CalibrationCells,
    private readonly keys: CalibrationCells | undefined,
  ) {}

  static of(windows: readonly MeasuredWindow[]): ChannelCells {
    return new ChannelCells(
      CalibrationCells.of(windows),
      CalibrationCells.of(windows.map(({ keys, group }) => ({ length: keys, group }))),
    );
  }

  static restore({ cells, keyCells }: ChannelCellsSnapshot): ChannelCells {
    return new ChannelCells(
      CalibrationCells.restore(cells),
      keyCells && CalibrationCells.restore(keyCells),
    );
  }

  snapshot(): ChannelCellsSnapshot {
    return { cells: this.lines.snapshot(), keyCells: this.keys?.snapshot() };
  }

  cellsOf(window: MeasuredWindow): WindowCells {
    const byLines = this.lines.cellOf(window);
    const byKeys = this.keys?.cellOf({ length: window.keys, group: window.group });
    return { byLines, byKeys: byKeys ?? byLines };
  }

  /** The cells of a channel in which a window can end that has so many lines and keys already. */
  cellsFrom(channel: WindowChannel, { length, keys, group }: MeasuredWindow): readonly number[] {
    return this.of(channel).cellsFrom({ length: isByKeys(channel) ? keys : length, group });
  }

  /** The cells by which a channel is calibrated. */
  of(channel: WindowChannel): CalibrationCells {
    return (isByKeys(channel) ? this.keys : undefined) ?? this.lines;
  }
}

/** The cell of a window by which a channel is calibrated. */
export function cellFor(channel: WindowChannel, { byLines, byKeys }: WindowCells): number {
  return isByKeys(channel) ? byKeys : byLines;
}

/** Whether a channel compares windows of as many distinct keys instead of as many lines. */
export function isByKeys(channel: string): boolean {
  return channel === ('rarity' satisfies WindowChannel);
}
