import { describe, expect, it } from 'vitest';
import { figuresOf, peerFiguresOf, pipelineTable, ratioTo } from './pipeline-figures';

const run = (linesPerSecond: number) => ({
  ...{ seconds: 2, windows: 50, linesPerSecond },
  ...{ peakMemoryBytes: linesPerSecond * 2 ** 20, cpuShare: 1.5, loopDelayP99Seconds: 0.011 },
});
const peerRun = (linesPerSecond: number, mebibytes: number) => ({
  ...{ seconds: 1, linesPerSecond, peakMemoryBytes: mebibytes * 2 ** 20 },
});
const OURS = [run(300), run(100), run(200)];
const PEER = {
  peer: { name: 'python', title: 'drain3 and PyTorch' },
  runs: [peerRun(100, 900), peerRun(50, 700), peerRun(80, 800)],
} as const;

describe('figuresOf', () => {
  it('tells everything of the run with the median speed', () => {
    expect(figuresOf(OURS)).toEqual({
      ...{ linesPerSecond: 200, windowsPerSecond: 25, peakMemoryBytes: 200 * 2 ** 20 },
      ...{ cpuShare: 1.5, loopDelayP99Seconds: 0.011 },
    });
    expect(peerFiguresOf(PEER)).toEqual({ linesPerSecond: 80, peakMemoryBytes: 800 * 2 ** 20 });
  });
});

describe('ratioTo', () => {
  it('is the median of the ratios of the turns', () => {
    expect(ratioTo(PEER, OURS)).toBe(2.5);
  });
});

describe('pipelineTable', () => {
  it('shows memory of both, and of ours how busy the process was', () => {
    const table = pipelineTable({ 'one detector': figuresOf(OURS) }, [PEER], OURS).split('\n');
    expect(table[0]).toMatch(/ratio +windows\/s +peak memory +CPU +loop delay p99$/);
    expect(table[2]).toMatch(/^one detector +200 +25 +200 MiB +150 % +11\.0 ms$/);
    expect(table[3]).toMatch(/^drain3 and PyTorch +80 +2\.50 +800 MiB$/);
  });
});
