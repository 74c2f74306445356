import type { ContextLine } from '@logbert/contracts';
import type { LineEntry } from './line-entry';

type KeptLine = Pick<LineEntry, 'offset' | 'timestampMs' | 'service' | 'level' | 'raw'>;

/** The last lines of a stream, so that an anomaly can be shown among its neighbours. */
export class ContextRing {
  private readonly lines: KeptLine[] = [];
  private next = 0;

  constructor(private readonly capacity: number) {}

  add(line: KeptLine): void {
    if (this.capacity === 0) return;
    this.lines[this.next] = line;
    this.next = (this.next + 1) % this.capacity;
  }

  /**
   * Lines around a window that are not part of it, in order of arrival.
   *
   * @param own offsets of the window's lines
   * @param aroundMs event time in the middle of interest
   * @param limit how many lines; those nearest in time are taken
   */
  around(own: ReadonlySet<number>, aroundMs: number, limit: number): readonly ContextLine[] {
    return this.lines
      .filter(({ offset }) => !own.has(offset))
      .sort((a, b) => distance(a, aroundMs) - distance(b, aroundMs))
      .slice(0, limit)
      .sort((a, b) => a.offset - b.offset)
      .map(({ timestampMs, service, level, raw }) => ({ at: timestampMs, service, level, raw }));
  }
}

function distance(line: KeptLine, aroundMs: number): number {
  return Math.abs(line.timestampMs - aroundMs);
}
