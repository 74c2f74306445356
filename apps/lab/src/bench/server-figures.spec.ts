import { setTimeout as sleep } from 'node:timers/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { describe, expect, it } from 'vitest';
import { delayOf, LOOP_TIMER_MS } from './server-figures';

describe('delayOf', () => {
  it('is what a timer is late, which of an idle process is next to nothing', async () => {
    const delays = monitorEventLoopDelay({ resolution: LOOP_TIMER_MS });
    delays.enable();
    await sleep(500);
    delays.disable();
    const between = delays.percentile(50) / 1e9;
    expect(between).toBeGreaterThanOrEqual(0.009);
    expect(delayOf(between)).toBeLessThan(between / 2);
  });

  it('is never negative', () => {
    expect(delayOf(0)).toBe(0);
    expect(delayOf(0.03)).toBeCloseTo(0.02);
  });
});
