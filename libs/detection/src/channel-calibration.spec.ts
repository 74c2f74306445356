import { describe, expect, it } from 'vitest';
import { CalibrationCells } from './calibration-cells';
import { ChannelCalibration } from './channel-calibration';

/** Windows of so many lines of which each has one that is odd, or none. */
function calibrated(channel: 'ngram' | 'surprise-max', lines: number): ChannelCalibration {
  const windows = Array.from({ length: 200 }, () => ({ length: lines, group: undefined }));
  const scored = windows.map((_, window) => ({ score: (window % 2) / lines, lines, cell: 0 }));
  return ChannelCalibration.of(channel, scored, CalibrationCells.of(windows));
}

describe('ChannelCalibration', () => {
  it('tells so many odd lines beyond what is usual from chance in long windows as in short ones', () => {
    const ofLines = (lines: number) => calibrated('ngram', lines).pValueOf(5 / lines, 0);
    expect(ofLines(256)).toBeCloseTo(ofLines(64), 10);
    expect(ofLines(256)).toBeLessThan(1 / 201 / 10);
  });

  it('leaves channels as they are that are no shares of the lines', () => {
    const beyond = (lines: number) => calibrated('surprise-max', lines).pValueOf(1 + 1 / lines, 0);
    expect(beyond(256)).toBeCloseTo(beyond(64), 10);
  });
});
