import type { ContextLine } from '@logbert/contracts';
import type { LogRecord } from '@logbert/log-records';

/** The last lines of a stream, so that an anomaly can be shown among its neighbours. */
export class ContextRing {
  private readonly offsets: number[] = [];
  private readonly records: LogRecord[] = [];
  private next = 0;

  constructor(private readonly capacity: number) {}

  add(offset: number, record: LogRecord): void {
    if (this.capacity === 0) return;
    this.offsets[this.next] = offset;
    this.records[this.next] = record;
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
    return this.records
      .map((record, index) => ({ record, offset: this.offsets[index] ?? 0 }))
      .filter(({ offset }) => !own.has(offset))
      .sort((a, b) => distance(a.record, aroundMs) - distance(b.record, aroundMs))
      .slice(0, limit)
      .sort((a, b) => a.offset - b.offset)
      .map(({ record }) => ({
        at: record.timestampMs,
        service: record.service,
        level: record.level,
        raw: record.raw,
      }));
  }
}

function distance(record: LogRecord, aroundMs: number): number {
  return Math.abs(record.timestampMs - aroundMs);
}
