import { describe, expect, it } from 'vitest';
import { FigureLog } from './figure-log';
import type { ServerFigures } from './server-figures';

const MEBIBYTE = 2 ** 20;

/** Tells these lines and mebibytes, one pair each time it is asked. */
function siteOf(...told: readonly (readonly [lines: number, mebibytes: number])[]) {
  let asked = 0;
  return {
    figures(): Promise<ServerFigures> {
      const [processedLines, mebibytes] = told[asked++] ?? [0, 0];
      const residentBytes = mebibytes * MEBIBYTE;
      return Promise.resolve({
        processedLines,
        residentBytes,
        anomalies: 0,
        openWindows: 0,
        lag: 0,
        cpuSeconds: asked,
        loopDelayP99Seconds: 0.01,
      });
    },
  };
}

/** Nobody waits: a sleep is over at once, and the clock has gone on by it. */
function clockOf() {
  let nowMs = 1_000;
  return {
    now: () => nowMs,
    sleep: (ms: number) => Promise.resolve((nowMs += ms)),
  };
}

describe('FigureLog', () => {
  it('tells the median memory of each quarter of the lines', async () => {
    const told = siteOf([0, 100], [20, 300], [30, 200], [60, 400], [100, 500]);
    const log = new FigureLog(told, clockOf());
    await log.untilProcessed(100);
    const { memoryByQuarterBytes, peakMemoryBytes } = log.summary(0);
    expect(memoryByQuarterBytes.map((bytes) => bytes / MEBIBYTE)).toEqual([200, 200, 400, 500]);
    expect(peakMemoryBytes).toBe(500 * MEBIBYTE);
  });

  it('counts the lines a second from where they begin', async () => {
    const log = new FigureLog(siteOf([0, 1], [20, 1], [100, 1]), clockOf());
    await log.untilProcessed(100);
    // The third look is two halves of a second after the clock's first.
    expect(log.summary(0).seconds).toBe(2);
    expect(log.steadyLinesPerSecond).toBe(160);
  });

  it('tells no pace of lines that were all there at the first look', async () => {
    const log = new FigureLog(siteOf([100, 1]), clockOf());
    await log.untilProcessed(100);
    expect(log.steadyLinesPerSecond).toBeNaN();
  });
});
