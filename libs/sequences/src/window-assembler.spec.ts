import type { WindowSettings } from '@logbert/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Window, WindowEntry } from './window';
import { WindowAssembler } from './window-assembler';

interface Entry extends WindowEntry {
  readonly text?: string;
}

const line = (
  offset: number,
  timestampMs: number,
  sessionKey?: string,
  service = 'shop',
): Entry => ({
  sessionKey,
  service,
  timestampMs,
  offset,
});

const offsets = (windows: readonly Window<Entry>[]) =>
  windows.map(({ key, closedBy, entries }) => [key, closedBy, entries.map(({ offset }) => offset)]);

describe('WindowAssembler of sessions', () => {
  const session = (maxOpenWindows = 100, maxLength = 4) =>
    new WindowAssembler<Entry>({ kind: 'session', idleMs: 1_000, maxLength }, { maxOpenWindows });

  it('closes a session after more than idleMs of event-time silence', () => {
    const assembler = session();
    assembler.push(line(0, 0, 'a'));
    assembler.push(line(1, 500, 'b'));
    expect(assembler.push(line(2, 1_000, 'c'))).toEqual([]);
    expect(offsets(assembler.push(line(3, 1_001, 'b')))).toEqual([['a', 'idle', [0]]]);
  });

  it('lets the windows silent longest leave when all together hold too many lines', () => {
    const assembler = session(2, 1_000);
    let closed: readonly Window<Entry>[] = [];
    let offset = 0;
    for (; offset < 500; offset++) assembler.push(line(offset, 0, 'a'));
    for (; offset < 1_000; offset++) assembler.push(line(offset, 0, 'b'));
    closed = assembler.push(line(offset, 0, 'b'));
    expect(closed.map(({ key, closedBy, entries }) => [key, closedBy, entries.length])).toEqual([
      ['a', 'eviction', 500],
    ]);
    expect(assembler.openWindows).toBe(1);
  });

  it('lets a single session grow to its full length', () => {
    const assembler = session(1, 1_000);
    for (let offset = 0; offset < 999; offset++) {
      expect(assembler.push(line(offset, 0, 'a'))).toEqual([]);
    }
    expect(assembler.push(line(999, 0, 'a'))[0]?.closedBy).toBe('length');
  });

  it('begins a new window for a key that comes back after its silence', () => {
    const assembler = session();
    assembler.push(line(0, 0, 'a'));
    expect(offsets(assembler.push(line(1, 5_000, 'a')))).toEqual([['a', 'idle', [0]]]);
    expect(offsets(assembler.flush())).toEqual([['a', 'flush', [1]]]);
  });

  it('counts silence from the time of the stream, so that a late line does not close its session', () => {
    const assembler = session();
    assembler.push(line(0, 10_000, 'a'));
    assembler.push(line(1, 2_000, 'late'));
    expect(assembler.push(line(2, 10_500, 'a'))).toEqual([]);
  });

  it('takes a time from the future for now', () => {
    const assembler = session();
    assembler.push(line(0, 100, 'a'), 100);
    expect(assembler.push(line(1, 9e12, 'b'), 200)).toEqual([]);
    expect(offsets(assembler.push(line(2, 1_150, 'c'), 1_150))).toEqual([['a', 'idle', [0]]]);
  });

  it('is not stopped by a time that is no number', () => {
    const assembler = session();
    assembler.push(line(0, NaN, 'a'));
    assembler.push(line(1, 0, 'b'));
    expect(assembler.push(line(2, 5_000, 'c')).length).toBeGreaterThan(0);
  });

  it('closes a long session in pieces', () => {
    const assembler = session();
    const closed = [0, 1, 2, 3, 4].flatMap((offset) => assembler.push(line(offset, 0, 'a')));
    expect(offsets(closed)).toEqual([['a', 'length', [0, 1, 2, 3]]]);
    expect(offsets(assembler.flush())).toEqual([['a', 'flush', [4]]]);
  });

  it('hands the one silent longest on when too many are open', () => {
    const assembler = session(2);
    assembler.push(line(0, 0, 'a'));
    assembler.push(line(1, 0, 'b'));
    assembler.push(line(2, 0, 'a'));
    expect(offsets(assembler.push(line(3, 0, 'c')))).toEqual([['b', 'eviction', [1]]]);
    expect(assembler.openWindows).toBe(2);
  });

  it('closes by the wall clock what no new line would close', () => {
    const assembler = session();
    assembler.push(line(0, 0, 'a'), 50_000);
    assembler.push(line(1, 0, 'b'), 50_900);
    expect(assembler.closeIdle(51_000)).toEqual([]);
    expect(offsets(assembler.closeIdle(51_001))).toEqual([['a', 'idle', [0]]]);
  });

  it('forms sliding windows of the lines without a key', () => {
    const assembler = session(100, 64);
    const closed = Array.from({ length: 30 }, (_, offset) =>
      assembler.push(line(offset, 0)),
    ).flat();
    expect(
      closed.map(({ key, entries, firstOffset }) => [key, entries.length, firstOffset]),
    ).toEqual([
      ['service:shop', 20, 0],
      ['service:shop', 20, 10],
    ]);
  });

  it('knows the smallest offset that is still needed', () => {
    const assembler = session();
    expect(assembler.lowWatermark()).toBeUndefined();
    assembler.push(line(7, 0, 'a'));
    assembler.push(line(8, 900, 'b'));
    expect(assembler.lowWatermark()).toBe(7);
    assembler.push(line(9, 1_200, 'b'));
    expect(assembler.lowWatermark()).toBe(8);
    assembler.flush();
    expect(assembler.lowWatermark()).toBeUndefined();
  });
});

describe('WindowAssembler of sessions whose lines come in no order', () => {
  const limits = { maxOpenWindows: 100, sessionsByTime: true };
  const byTime = (settings: WindowSettings) => new WindowAssembler<Entry>(settings, limits);

  it('puts the lines of a complete session in the order of their times, those of one time in that of arrival', () => {
    const assembler = byTime({ kind: 'session', idleMs: 1_000, maxLength: 9 });
    const times = [20, 10, 20, 0];
    for (const [offset, time] of times.entries()) assembler.push(line(offset, time, 'a'));
    const [window] = assembler.flush();
    expect(window?.entries.map(({ offset }) => offset)).toEqual([3, 1, 0, 2]);
    // What names the window does not depend on how its lines were put.
    expect(window?.firstOffset).toBe(0);
  });

  it('leaves sliding windows as they came', () => {
    const assembler = byTime({ kind: 'sliding', size: 3, stride: 3, idleMs: 1_000 });
    assembler.push(line(0, 20));
    assembler.push(line(1, 10));
    expect(offsets(assembler.push(line(2, 0)))).toEqual([['service:shop', 'stride', [0, 1, 2]]]);
  });
});

describe('WindowAssembler of sliding windows', () => {
  const sliding = (size = 4, stride = 2) =>
    new WindowAssembler<Entry>(
      { kind: 'sliding', size, stride, idleMs: 1_000 },
      { maxOpenWindows: 9 },
    );

  it('begins a window every stride lines of a service', () => {
    const assembler = sliding();
    const closed = [0, 1, 2, 3, 4, 5].flatMap((offset) => assembler.push(line(offset, 0, 'key')));
    expect(closed).toMatchObject([
      { key: 'service:shop', closedBy: 'stride', firstOffset: 0, freshFrom: 0 },
      { key: 'service:shop', closedBy: 'stride', firstOffset: 2, freshFrom: 2 },
    ]);
    expect(assembler.lowWatermark()).toBe(4);
  });

  it('says nothing of an overlap alone, and hands a shorter rest on', () => {
    const assembler = sliding();
    for (const offset of [0, 1, 2, 3]) assembler.push(line(offset, 0));
    expect(assembler.flush()).toEqual([]);
    for (const offset of [4, 5, 6, 7, 8]) assembler.push(line(offset, 0));
    expect(offsets(assembler.flush())).toEqual([['service:shop', 'flush', [6, 7, 8]]]);
  });

  it('keeps nothing when windows do not overlap', () => {
    const assembler = sliding(2, 2);
    assembler.push(line(0, 0));
    assembler.push(line(1, 0));
    expect(assembler.openWindows).toBe(0);
    expect(assembler.lowWatermark()).toBeUndefined();
  });
});

describe('WindowAssembler', () => {
  it('hands every line on exactly once as fresh, whatever comes', () => {
    const entries = fc.array(
      fc.record({
        key: fc.option(fc.constantFrom('a', 'b', 'c', '__proto__'), { nil: undefined }),
        service: fc.constantFrom('x', 'y'),
        timestampMs: fc.integer({ min: 0, max: 20_000 }),
      }),
      { maxLength: 120 },
    );
    const settings = fc.constantFrom(
      { kind: 'session', idleMs: 500, maxLength: 5 } as const,
      { kind: 'sliding', idleMs: 500, size: 5, stride: 3 } as const,
    );
    fc.assert(
      fc.property(
        entries,
        settings,
        fc.integer({ min: 1, max: 4 }),
        (lines, window, maxOpenWindows) => {
          const assembler = new WindowAssembler<Entry>(window, { maxOpenWindows });
          const seen: number[] = [];
          const take = (windows: readonly Window<Entry>[]) => {
            for (const { entries: members, freshFrom, firstOffset } of windows) {
              expect(firstOffset).toBe(members[0]?.offset);
              for (const { offset } of members.slice(freshFrom)) seen.push(offset);
            }
          };
          for (const [offset, { key, service, timestampMs }] of lines.entries()) {
            take(assembler.push(line(offset, timestampMs, key, service)));
            expect(assembler.openWindows).toBeLessThanOrEqual(maxOpenWindows);
            const needed = lines.findIndex((_, index) => index <= offset && !seen.includes(index));
            if (needed >= 0) expect(assembler.lowWatermark()).toBeLessThanOrEqual(needed);
          }
          take(assembler.flush());
          expect(seen.sort((left, right) => left - right)).toEqual([...lines.keys()]);
        },
      ),
      { numRuns: 200, seed: 1 },
    );
  });

  it('goes on from a snapshot as if nothing had happened', () => {
    const entries = fc.array(
      fc.record({
        key: fc.option(fc.constantFrom('a', 'b', 'c', 'd'), { nil: undefined }),
        service: fc.constantFrom('x', 'y'),
        timestampMs: fc.integer({ min: 0, max: 8_000 }),
      }),
      { minLength: 2, maxLength: 120 },
    );
    const settings = fc.constantFrom(
      { kind: 'session', idleMs: 500, maxLength: 5 } as const,
      { kind: 'sliding', idleMs: 500, size: 5, stride: 3 } as const,
    );
    fc.assert(
      fc.property(
        entries,
        settings,
        fc.integer({ min: 1, max: 5 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (lines, window, maxOpenWindows, share) => {
          const build = () => new WindowAssembler<Entry>(window, { maxOpenWindows });
          const [whole, first, second] = [build(), build(), build()];
          const cut = Math.floor(share * lines.length);
          const push = (assembler: WindowAssembler<Entry>, from: number, to?: number) =>
            lines
              .slice(from, to)
              .flatMap(({ key, service, timestampMs }, index) =>
                assembler.push(line(from + index, timestampMs, key, service), 10_000),
              );
          push(whole, 0, cut);
          push(first, 0, cut);
          second.resume(structuredClone(first.snapshot()), 10_000);
          expect(second.lowWatermark()).toBe(first.lowWatermark());
          expect(second.openWindows).toBe(first.openWindows);
          expect(push(second, cut)).toEqual(push(whole, cut));
          expect(second.lowWatermark()).toBe(whole.lowWatermark());
          expect(second.flush()).toEqual(whole.flush());
        },
      ),
      { numRuns: 300, seed: 2 },
    );
  });

  it('counts silence by the wall clock anew after a snapshot', () => {
    const settings = { kind: 'session', idleMs: 1_000, maxLength: 4 } as const;
    const first = new WindowAssembler<Entry>(settings, { maxOpenWindows: 10 });
    first.push(line(0, 0, 'a'), 0);
    const second = new WindowAssembler<Entry>(settings, { maxOpenWindows: 10 });
    second.resume(first.snapshot(), 60_000);
    expect(second.closeIdle(60_500)).toEqual([]);
    expect(second.closeIdle(61_001)).toHaveLength(1);
  });

  it('takes 300,000 lines of ever-new sessions in bounded memory and linear time', () => {
    const assembler = new WindowAssembler<Entry>(
      { kind: 'session', idleMs: 1_000, maxLength: 64 },
      { maxOpenWindows: 1_000 },
    );
    let closed = 0;
    for (let offset = 0; offset < 300_000; offset++) {
      closed += assembler.push(line(offset, 0, `s${offset}`)).length;
      if (offset % 1_000 === 0) assembler.lowWatermark();
    }
    expect(closed).toBe(299_000);
    expect(assembler.lowWatermark()).toBe(299_000);
  });
});
