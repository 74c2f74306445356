import { METRICS } from '@logbert/telemetry';
import type { GroupingStatus } from '@logbert/template-mining';
import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { GroupingWatch } from './grouping-watch';

const reason = { lines: 6_000, created: 5_900, forgotten: 4_900 };
const quarantined: GroupingStatus = { state: 'quarantined', reason, refusedLines: 3, linesLeft: 9 };
const trying: GroupingStatus = { state: 'trying', reason, refusedLines: 12, linesLeft: 2_000 };

describe('GroupingWatch', () => {
  const told: string[] = [];
  const values: unknown[] = [];
  const watch = (): GroupingWatch =>
    new GroupingWatch({
      set: (metric, value, labels) => {
        expect(metric).toBe(METRICS.novelQuarantined);
        values.push([value, labels]);
      },
    });

  beforeEach(() => {
    told.length = 0;
    values.length = 0;
    vi.spyOn(Logger.prototype, 'warn').mockImplementation((text: string) => void told.push(text));
    vi.spyOn(Logger.prototype, 'log').mockImplementation((text: string) => void told.push(text));
  });
  afterEach(() => void vi.restoreAllMocks());

  it('says once that a quarantine begins, with its figures, and once that it ended', () => {
    const groupings = watch();
    const partition = { source: 'logs', partition: 1, epoch: 1 };
    const states: readonly GroupingStatus[] = [
      { state: 'grouping' },
      quarantined,
      quarantined,
      trying,
      quarantined,
      { state: 'grouping' },
      { state: 'grouping' },
    ];
    for (const grouping of states) groupings.note(partition, { stream: 'shop', grouping });
    expect(told).toEqual([
      expect.stringContaining('stream shop in logs/1 cannot be grouped: 5900 of 6000 lines (98 %)'),
      'novel lines of stream shop in logs/1 can be grouped again',
    ]);
    expect(values.map((value) => (value as [number])[0])).toEqual([0, 1, 1, 1, 1, 0, 0]);
  });

  it('counts the partitions of a stream', () => {
    const groupings = watch();
    for (const partition of [0, 1, 2]) {
      const name = { source: 'logs', partition, epoch: 1 };
      groupings.note(name, { stream: 'shop', grouping: quarantined });
    }
    expect(values.at(-1)).toEqual([3, { stream: 'shop' }]);
  });
});
