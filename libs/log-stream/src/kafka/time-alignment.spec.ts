import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sliceByTime, TimeAlignment } from './time-alignment';

describe('TimeAlignment', () => {
  const { signal } = new AbortController();
  const turnOf = (alignment: TimeAlignment, partition: number, atMs: number) => {
    const turn = { has: false };
    void alignment.turn(partition, atMs, signal).then(() => (turn.has = true));
    return turn;
  };

  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('has a partition wait for one that is behind, until that has come near or has nothing more', async () => {
    const alignment = new TimeAlignment();
    await alignment.turn(0, 10_000, signal);
    const ahead = turnOf(alignment, 1, 15_000);
    await vi.advanceTimersByTimeAsync(100);
    expect(ahead.has).toBe(false);
    await alignment.turn(0, 14_000, signal);
    await vi.advanceTimersByTimeAsync(100);
    expect(ahead.has).toBe(true);

    const again = turnOf(alignment, 1, 20_000);
    await vi.advanceTimersByTimeAsync(100);
    expect(again.has).toBe(false);
    alignment.leave(0, 14_500, false);
    await vi.advanceTimersByTimeAsync(100);
    expect(again.has).toBe(true);
  });

  it('waits a while for one of which more is on its way, and not for ever', async () => {
    const alignment = new TimeAlignment();
    alignment.leave(0, 10_000, true);
    const ahead = turnOf(alignment, 1, 15_000);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(ahead.has).toBe(false);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(ahead.has).toBe(true);
  });

  it('waits longer for one that is at work, once for each place that it comes to', async () => {
    const alignment = new TimeAlignment();
    await alignment.turn(0, 10_000, signal);
    const ahead = turnOf(alignment, 1, 15_000);
    await vi.advanceTimersByTimeAsync(9_000);
    expect(ahead.has).toBe(false);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(ahead.has).toBe(true);

    alignment.leave(0, 10_500, true);
    await alignment.turn(0, 10_000, signal);
    const next = turnOf(alignment, 1, 17_000);
    await vi.advanceTimersByTimeAsync(100);
    expect(next.has).toBe(true);
  });

  it('does not wait for what is an hour away: history, or a wrong clock', async () => {
    const alignment = new TimeAlignment();
    await alignment.turn(0, 0, signal);
    const live = turnOf(alignment, 1, 3_600_000);
    await vi.advanceTimersByTimeAsync(1);
    expect(live.has).toBe(true);
  });
});

describe('sliceByTime', () => {
  const at = (...times: number[]) => times.map((receivedAtMs) => ({ receivedAtMs }));

  it('cuts where time has gone on', () => {
    const slices = sliceByTime(at(0, 500, 1_000, 1_001, 2_000));
    expect(slices.map(({ records, atMs }) => [records.length, atMs])).toEqual([
      [3, 0],
      [2, 1_001],
    ]);
  });

  it('takes time stamps that go back as no step in time', () => {
    expect(sliceByTime(at(5_000, 0, 5_000, 0, 5_000))).toHaveLength(1);
    expect(sliceByTime([])).toEqual([]);
  });
});
