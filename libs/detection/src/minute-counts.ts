/** Length of the minutes, epoch aligned. */
export const MINUTE_MS = 60_000;
/** Event time that must have passed since the end of a minute before it is closed: lines come out of order. */
const GRACE_MS = 30_000;
/** Different keys that are counted in one minute. */
const MAX_KEYS = 10_000;
/** Share of a minute's lines that may come late before its counts say nothing. */
const LATE_SHARE = 0.05;
/** Late lines, more than those in time meanwhile, that show that it is the time which was wrong. */
const LATE_LINES = 1_000;

export interface ClosedMinute {
  readonly minuteMs: number;
  readonly counts: ReadonlyMap<string, number>;
}

export interface MinuteCountsSnapshot {
  readonly latestMs: number | null;
  readonly closedMs: number | null;
  readonly open: readonly (readonly [
    minuteMs: number,
    counts: readonly (readonly [key: string, count: number])[],
  ])[];
  readonly late: number;
  readonly lateOfMinute: number;
  readonly inTime: number;
}

/**
 * Counts lines by key and minute of event time, and tells which minutes are over.
 *
 * Knows no clock: a minute is over when some line is half a minute past its end, so that the same lines in the same order close the
 * same minutes. Lines of a closed minute are late and not counted. Told are only minutes that were whole: with lines in the
 * minute before and in the one after, since a source may have begun or ended within it, and with few late lines meanwhile.
 */
export class MinuteCounts {
  private latestMs = -Infinity;
  /** Beginning of the last minute that was closed with lines. */
  private closedMs = -Infinity;
  private readonly open = new Map<number, Map<string, number>>();
  /** The minute of the line before, which most lines have in common. */
  private recent: { readonly minuteMs: number; readonly counts: Map<string, number> } | undefined;
  private late = 0;
  private lateOfMinute = 0;
  private inTime = 0;

  static restore(snapshot: MinuteCountsSnapshot): MinuteCounts {
    const minutes = new MinuteCounts();
    minutes.latestMs = snapshot.latestMs ?? -Infinity;
    minutes.closedMs = snapshot.closedMs ?? -Infinity;
    for (const [minuteMs, counts] of snapshot.open) minutes.open.set(minuteMs, new Map(counts));
    minutes.late = snapshot.late;
    minutes.lateOfMinute = snapshot.lateOfMinute;
    minutes.inTime = snapshot.inTime;
    return minutes;
  }

  snapshot(): MinuteCountsSnapshot {
    const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
    return {
      latestMs: finite(this.latestMs),
      closedMs: finite(this.closedMs),
      open: [...this.open].map(([minuteMs, counts]) => [minuteMs, [...counts]] as const),
      late: this.late,
      lateOfMinute: this.lateOfMinute,
      inTime: this.inTime,
    };
  }

  /**
   * Counts a line.
   *
   * @param atMs event time, epoch milliseconds
   * @returns how often the key has come in that minute; 0 for a late line
   */
  add(key: string, atMs: number): number {
    const minuteMs = Math.floor(atMs / MINUTE_MS) * MINUTE_MS;
    if (minuteMs <= this.closedMs || minuteMs + MINUTE_MS + GRACE_MS <= this.latestMs) {
      this.late++;
      this.lateOfMinute++;
      return 0;
    }
    this.inTime++;
    this.latestMs = Math.max(this.latestMs, atMs);
    const counts = this.countsOf(minuteMs);
    const count = (counts.get(key) ?? 0) + 1;
    if (count > 1 || counts.size < MAX_KEYS) counts.set(key, count);
    return count;
  }

  private countsOf(minuteMs: number): Map<string, number> {
    if (this.recent?.minuteMs === minuteMs) return this.recent.counts;
    let counts = this.open.get(minuteMs);
    if (!counts) this.open.set(minuteMs, (counts = new Map<string, number>()));
    this.recent = { minuteMs, counts };
    return counts;
  }

  /** Beginnings of the minutes that are not over. */
  get openMinutes(): Iterable<number> {
    return this.open.keys();
  }

  /** Whether so many lines were late that the time must have been wrong: counting should begin anew. */
  get isLost(): boolean {
    return this.late > LATE_LINES && this.late > this.inTime;
  }

  /** The whole minutes that are over, oldest first; each is told once. */
  take(): readonly ClosedMinute[] {
    this.recent = undefined;
    const over = [...this.open.keys()]
      .filter((minuteMs) => minuteMs + MINUTE_MS + GRACE_MS <= this.latestMs)
      .sort((a, b) => a - b);
    const whole: ClosedMinute[] = [];
    for (const minuteMs of over) {
      const counts = this.open.get(minuteMs) ?? new Map<string, number>();
      this.open.delete(minuteMs);
      const isBetween =
        this.closedMs === minuteMs - MINUTE_MS && this.open.has(minuteMs + MINUTE_MS);
      const lines = [...counts.values()].reduce((sum, count) => sum + count, 0);
      if (isBetween && this.lateOfMinute <= LATE_SHARE * lines) whole.push({ minuteMs, counts });
      this.closedMs = minuteMs;
      this.lateOfMinute = 0;
      this.late = 0;
      this.inTime = 0;
    }
    return whole;
  }
}
