import type { Throughput } from '@logbert/contracts';
import { METRICS } from '@logbert/telemetry';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LiveThroughput } from '../live/live-throughput';
import { Meters } from '../metrics/meters';
import { NOTHING_FOUND } from './detector-protocol';
import { InferenceFigures } from './inference-figures';

const ledger = { note: () => undefined };

type Parts = ConstructorParameters<typeof InferenceFigures>;

describe('InferenceFigures', () => {
  it('counts as lag what was not taken in, also before it is committed', async () => {
    const throughput = new LiveThroughput();
    const lags: number[] = [];
    throughput.figures.subscribe(({ lag }) => lags.push(lag));
    const at = { source: 'logs', partition: 0, committed: 10, end: 50, lag: 40 };
    const other = { source: 'logs', partition: 1, committed: 3, end: 4, lag: 1 };
    const logStream = { lag: () => Promise.resolve([at, other]) };
    const parts: unknown[] = [logStream, throughput, new Meters(), ledger, ledger, ledger];
    const figures = Reflect.construct(InferenceFigures, parts as Parts);
    const partition = { source: 'logs', partition: 0, epoch: 1 };
    Reflect.apply(figures.noteBatch, figures, [{ ...partition, nextOffset: 45 }, 1]);
    figures.note(partition, { ...NOTHING_FOUND, stream: 'a', lines: 1 });
    vi.advanceTimersByTime(1_000);
    await figures.sayThroughput();
    expect(lags).toEqual([6]);
  });

  it('says nothing more of a partition that was taken away', async () => {
    const logStream = { lag: () => Promise.resolve([]) };
    const meters = new Meters();
    const set = vi.spyOn(meters, 'set');
    const parts: unknown[] = [logStream, new LiveThroughput(), meters, ledger, ledger, ledger];
    const figures = Reflect.construct(InferenceFigures, parts as Parts);
    const note = (partition: number, openWindows: number) =>
      figures.note(
        { source: 'logs', partition, epoch: 1 },
        { ...NOTHING_FOUND, stream: 'a', openWindows },
      );
    note(0, 5);
    note(1, 2);
    expect(set).toHaveBeenLastCalledWith(METRICS.openWindows, 7, { stream: 'a' });
    figures.forget({ source: 'logs', partition: 0, epoch: 1 });
    expect(set).toHaveBeenLastCalledWith(METRICS.openWindows, 2, { stream: 'a' });
  });

  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('tells the throughput of streams in which something happens, and once that it is over', async () => {
    const throughput = new LiveThroughput();
    const told: Throughput[] = [];
    throughput.figures.subscribe((figure) => told.push(figure));
    const logStream = { lag: () => Promise.resolve([]) };
    const parts: unknown[] = [logStream, throughput, new Meters(), ledger, ledger, ledger];
    const figures = Reflect.construct(InferenceFigures, parts as Parts);

    const note = (stream: string, lines: number) =>
      figures.note({ source: 'logs', partition: 0, epoch: 1 }, { ...NOTHING_FOUND, stream, lines });
    const say = async () => {
      told.length = 0;
      vi.advanceTimersByTime(1_000);
      await figures.sayThroughput();
      return told.map(({ stream, linesPerSecond }) => [stream, linesPerSecond]);
    };
    note('a', 10);
    note('b', 20);
    expect(await say()).toEqual([
      ['a', 10],
      ['b', 20],
    ]);
    note('b', 5);
    expect(await say()).toEqual([
      ['a', 0],
      ['b', 5],
    ]);
    expect(await say()).toEqual([['b', 0]]);
    expect(await say()).toEqual([]);
  });
});
