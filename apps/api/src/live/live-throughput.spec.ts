import { describe, expect, it } from 'vitest';
import { LiveThroughput } from './live-throughput';

const NOW_MS = 700_000;

const at = (seconds: number, stream = 'shop') => ({
  stream,
  at: 1_000 * seconds,
  linesPerSecond: seconds,
  windowsPerSecond: 1,
  anomalies: 0,
  lag: 0,
});

describe('LiveThroughput', () => {
  it('keeps the last ten minutes of each stream, oldest first', () => {
    const throughput = new LiveThroughput();
    throughput.report(at(1, 'other'));
    for (let second = 1; second <= 700; second++) throughput.report(at(second));
    const kept = throughput.historyOf('shop', NOW_MS);
    expect(kept).toHaveLength(600);
    expect(kept[0]).toEqual(at(101));
    expect(kept.at(-1)).toEqual(at(700));
    expect(throughput.historyOf('other', NOW_MS)).toEqual([]);
    expect(throughput.historyOf('unknown', NOW_MS)).toEqual([]);
    expect(throughput.historyOf('shop', NOW_MS + 500_000)).toHaveLength(100);
    expect(throughput.historyOf('shop')).toEqual([]);
  });

  it('hands out what later reports do not change', () => {
    const throughput = new LiveThroughput();
    throughput.report(at(1));
    const kept = throughput.historyOf('shop', 2_000);
    throughput.report(at(2));
    expect(kept).toEqual([at(1)]);
  });
});
