import { describe, expect, it } from 'vitest';
import { MINUTE_MS, MinuteCounts } from './minute-counts';

const START_MS = 28_000_000 * MINUTE_MS;

/** Lines every ten seconds of some minutes. */
function fill(minutes: MinuteCounts, from: number, to: number): void {
  for (let at = from * MINUTE_MS; at < to * MINUTE_MS; at += 10_000)
    minutes.add('a', START_MS + at);
}

const told = (minutes: MinuteCounts): readonly (readonly [number, number | undefined])[] =>
  minutes
    .take()
    .map(({ minuteMs, counts }) => [(minuteMs - START_MS) / MINUTE_MS, counts.get('a')] as const);

describe('MinuteCounts', () => {
  it('tells a minute when event time is half a minute past its end, and not the first', () => {
    const minutes = new MinuteCounts();
    fill(minutes, 0, 2);
    minutes.add('a', START_MS + 2.4 * MINUTE_MS);
    expect(told(minutes)).toEqual([]);
    minutes.add('a', START_MS + 2.5 * MINUTE_MS);
    expect(told(minutes)).toEqual([[1, 6]]);
    expect(told(minutes)).toEqual([]);
  });

  it('counts lines out of order as long as their minute is open', () => {
    const minutes = new MinuteCounts();
    fill(minutes, 0, 1);
    minutes.add('a', START_MS + 2 * MINUTE_MS);
    fill(minutes, 1, 2);
    minutes.add('a', START_MS + 3 * MINUTE_MS);
    expect(told(minutes)).toEqual([[1, 6]]);
  });

  it('does not count late lines, nor tell a minute in which many were', () => {
    const minutes = new MinuteCounts();
    fill(minutes, 0, 3);
    minutes.add('a', START_MS + 3 * MINUTE_MS);
    expect(told(minutes)).toHaveLength(1);
    expect(minutes.add('a', START_MS + MINUTE_MS)).toBe(0);
    fill(minutes, 3, 4);
    expect(told(minutes)).toEqual([]);
    fill(minutes, 4, 6);
    expect(told(minutes)).toEqual([
      [3, 7],
      [4, 6],
    ]);
  });

  it('leaves out minutes in which the source may have begun or ended', () => {
    const minutes = new MinuteCounts();
    fill(minutes, 0, 3);
    fill(minutes, 20, 24);
    expect(told(minutes)).toEqual([
      [1, 6],
      [21, 6],
      [22, 6],
    ]);
  });

  it('knows that time was wrong when most lines are late', () => {
    const minutes = new MinuteCounts();
    minutes.add('a', START_MS + 1e9);
    expect(minutes.isLost).toBe(false);
    for (let line = 0; line <= 1_000; line++) minutes.add('a', START_MS);
    expect(minutes.isLost).toBe(true);
  });

  it('goes on from a snapshot', () => {
    const minutes = new MinuteCounts();
    fill(minutes, 0, 2);
    const other = MinuteCounts.restore(
      JSON.parse(JSON.stringify(minutes.snapshot())) as ReturnType<typeof minutes.snapshot>,
    );
    fill(minutes, 2, 6);
    fill(other, 2, 6);
    expect(told(other)).toEqual(told(minutes));
    expect(MinuteCounts.restore(new MinuteCounts().snapshot()).snapshot()).toEqual(
      new MinuteCounts().snapshot(),
    );
  });
});
