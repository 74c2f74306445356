import { sleep } from '../batch-delivery';

/** What partitions may be apart, by the time stamps of their records. */
const APART_MS = 1_000;
/** Partitions further apart than this do not belong together: a clock is wrong, or history is read in. */
const MOST_APART_MS = 60_000;
/** How long one with nothing fetched is waited for. */
const PATIENCE_MS = 2_000;
/**
 * How long one waits for another that has records at most, and how long such a one is waited for by all: its first transaction takes seconds
 * where the coordinator of a broker has just been started.
 */
const WORK_PATIENCE_MS = 10_000;
const LOOK_EVERY_MS = 5;

interface Front {
  readonly atMs: number;
  /** Wall time after which nobody waits for it any more. */
  readonly untilMs: number;
}

/**
 * Has the partitions of a topic go through a backlog side by side: one that runs ahead would end sessions, by its time, of
 * which lines are still waiting in another.
 */
export class TimeAlignment {
  private readonly fronts = new Map<number, Front>();
  /** Where each partition had its turn last. */
  private readonly turns = new Map<number, Front>();

  /** Waits until no other partition that has work is behind the time. */
  async turn(partition: number, atMs: number, signal: AbortSignal): Promise<void> {
    const deadline = Date.now() + WORK_PATIENCE_MS;
    const before = this.turns.get(partition);
    // One that fails and tries again was waited for already.
    const front = before?.atMs === atMs ? before : { atMs, untilMs: deadline };
    this.turns.set(partition, front);
    this.fronts.set(partition, front);
    while (!signal.aborted && Date.now() < deadline && this.isAhead(partition, atMs)) {
      await sleep(LOOK_EVERY_MS, signal);
    }
  }

  /** Says how far a partition has come, and whether more of it is on its way. */
  leave(partition: number, atMs: number, isMoreComing: boolean): void {
    if (isMoreComing) this.fronts.set(partition, { atMs, untilMs: Date.now() + PATIENCE_MS });
    else this.fronts.delete(partition);
  }

  private isAhead(partition: number, atMs: number): boolean {
    const now = Date.now();
    for (const [other, front] of this.fronts) {
      const ahead = atMs - front.atMs;
      if (other === partition || front.untilMs < now) continue;
      if (ahead > APART_MS && ahead < MOST_APART_MS) return true;
    }
    return false;
  }
}

/** A run of records that is sent on at once, and its time: the latest that its partition has shown so far. */
export interface TimeSlice<Item> {
  readonly records: readonly Item[];
  readonly atMs: number;
}

/** Cuts records where their time has gone on by as much as partitions may be apart. */
export function sliceByTime<Item extends { readonly receivedAtMs: number }>(
  records: readonly Item[],
): readonly TimeSlice<Item>[] {
  const slices: { records: Item[]; atMs: number }[] = [];
  let latestMs = -Infinity;
  for (const record of records) {
    latestMs = Math.max(latestMs, record.receivedAtMs);
    const slice = slices.at(-1);
    if (slice && latestMs <= slice.atMs + APART_MS) slice.records.push(record);
    else slices.push({ records: [record], atMs: latestMs });
  }
  return slices;
}
