import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { usageCells, watchProcess } from './process-usage';

/** Keeps the thread busy. */
function spin(forMs: number): void {
  for (const untilMs = performance.now() + forMs; performance.now() < untilMs;);
}

describe('watchProcess', () => {
  it('tells how late the thread was, and that it worked', async () => {
    const { cpuShare, loopDelayP99Seconds } = await watchProcess(async () => {
      await sleep(30);
      spin(200);
      await sleep(30);
    });
    expect(loopDelayP99Seconds).toBeGreaterThan(0.15);
    expect(cpuShare).toBeGreaterThan(0.2);
  });

  it('sees memory that is let go again before the work is over', async () => {
    const bytes = 2 ** 26;
    const before = process.memoryUsage.rss();
    const { peakMemoryBytes } = await watchProcess(async () => {
      const held = Buffer.alloc(bytes, 1);
      await sleep(200);
      expect(held).toHaveLength(bytes);
    });
    expect(peakMemoryBytes).toBeGreaterThan(before + bytes / 2);
  });

  it('passes on what the work throws', async () => {
    await expect(watchProcess(() => Promise.reject(new RangeError('no')))).rejects.toThrow('no');
  });
});

describe('usageCells', () => {
  it('names the units', () => {
    const usage = { peakMemoryBytes: 2 ** 30, cpuShare: 1.984, loopDelayP99Seconds: 0.0123 };
    expect(usageCells(usage)).toEqual(['1024 MiB', '198 %', '12.3 ms']);
  });
});
