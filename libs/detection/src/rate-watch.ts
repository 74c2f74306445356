import { poissonPValue } from './poisson';

/** Minutes that a template's count is compared with: its own last hour. */
const BASELINE_MINUTES = 60;
/** Hours before that whose smallest and largest counts are remembered: what happens once a day is usual. */
const RANGE_HOURS = 23;
/** Share of the last hour's minutes that must have a template, or its count says little. */
const USUAL_SHARE = 0.1;

interface History {
  readonly key: string;
  /** Of the last hour, oldest first. */
  readonly counts: number[];
  /** Smallest and largest count of each hour before. */
  readonly ranges: [least: number, most: number][];
  /** Minutes that the last of `ranges` has by now, modulo an hour. */
  left: number;
}

export type RateWatchSnapshot = readonly History[];

/** A template that came more or less often in a minute than it ever did in the last day. */
export interface RateVerdict {
  readonly key: string;
  readonly count: number;
  /** Smallest and largest count of the last hour's minutes. */
  readonly expected: readonly [least: number, most: number];
  /** Two-sided, times the number of templates judged in that minute, in (0, 1]. */
  readonly pValue: number;
}

/**
 * The `rate` channel: a template's count in a minute of event time against its own past.
 *
 * Counts are taken for Poisson, widened by the dispersion that the last hour shows (quasi-Poisson, Wedderburn, Biometrika
 * 1974): a count k of a mean m with dispersion φ is judged as k/φ of m/φ. A template that falls silent is judged like any
 * other, so that a missing heartbeat is found. p-values are multiplied by the number of templates (Bonferroni), so that in
 * one minute of a steady stream something is found with a probability of at most the budget.
 *
 * Real counts come in bursts, and no distribution fitted to an hour knows those. Hence a count must also lie outside of all
 * that the last day has seen: a job that runs every hour is usual, and what has changed for good is told once.
 */
export class RateWatch {
  private readonly histories = new Map<string, History>();
  /** Of the templates that were watched for an hour. */
  private readonly ranges = new Map<string, readonly [least: number, most: number]>();

  /** @param maxTemplates templates that are watched; further ones are not */
  constructor(private readonly maxTemplates = 2_000) {}

  static restore(snapshot: RateWatchSnapshot, maxTemplates?: number): RateWatch {
    const watch = new RateWatch(maxTemplates);
    for (const history of snapshot) {
      watch.histories.set(history.key, structuredClone(history));
      watch.learnRange(history);
    }
    return watch;
  }

  snapshot(): RateWatchSnapshot {
    return structuredClone([...this.histories.values()]);
  }

  /** The largest count of a template in the last day; undefined while it has not been watched for an hour. */
  mostOf(key: string): number | undefined {
    return this.ranges.get(key)?.[1];
  }

  /**
   * Judges a minute that is over and lets it enter the past.
   *
   * @param counts all counts of the minute; a watched template that is not among them came zero times
   * @param alertBudget largest p-value that is told
   * @returns the templates whose counts are out of their range, smallest p first, ties by key
   */
  judge(counts: ReadonlyMap<string, number>, alertBudget: number): readonly RateVerdict[] {
    const judged = [...this.histories.values()].filter(isJudged);
    const verdicts = judged.flatMap((history): RateVerdict[] => {
      const count = counts.get(history.key) ?? 0;
      const range = this.ranges.get(history.key);
      if (!range || (count >= range[0] && count <= range[1])) return [];
      const { mean, dispersion } = momentsOf(history.counts);
      const pValue = judged.length * poissonPValue(count / dispersion, mean / dispersion);
      if (pValue > alertBudget) return [];
      const expected = [Math.min(...history.counts), Math.max(...history.counts)] as const;
      return [{ key: history.key, count, expected, pValue }];
    });
    this.enter(counts);
    return verdicts.sort((a, b) => a.pValue - b.pValue || (a.key < b.key ? -1 : 1));
  }

  private enter(counts: ReadonlyMap<string, number>): void {
    for (const key of counts.keys()) {
      if (this.histories.has(key) || this.histories.size >= this.maxTemplates) continue;
      this.histories.set(key, { key, counts: [], left: 0, ranges: [] });
    }
    for (const [key, history] of this.histories) {
      history.counts.push(counts.get(key) ?? 0);
      if (history.counts.length > BASELINE_MINUTES) leave(history);
      if (history.counts.some((count) => count > 0)) this.learnRange(history);
      else {
        this.histories.delete(key);
        this.ranges.delete(key);
      }
    }
  }

  private learnRange(history: History): void {
    if (isOldEnough(history)) this.ranges.set(history.key, rangeOf(history));
  }
}

function isOldEnough({ counts }: Pick<History, 'counts'>): boolean {
  return counts.length >= BASELINE_MINUTES;
}

function isJudged(history: History): boolean {
  const present = history.counts.filter((count) => count > 0).length;
  return isOldEnough(history) && present >= USUAL_SHARE * BASELINE_MINUTES;
}

/** The oldest minute of the last hour goes into the hours before. */
function leave(history: History): void {
  const { counts, ranges } = history;
  const oldest = counts.shift() ?? 0;
  const hour = history.left % BASELINE_MINUTES === 0 ? undefined : ranges.at(-1);
  if (hour) {
    hour[0] = Math.min(hour[0], oldest);
    hour[1] = Math.max(hour[1], oldest);
  } else {
    ranges.push([oldest, oldest]);
    if (ranges.length > RANGE_HOURS) ranges.shift();
  }
  history.left = (history.left + 1) % BASELINE_MINUTES;
}

function rangeOf({
  counts,
  ranges,
}: Pick<History, 'counts' | 'ranges'>): readonly [least: number, most: number] {
  let least = Math.min(...counts);
  let most = Math.max(...counts);
  for (const [low, high] of ranges) {
    least = Math.min(least, low);
    most = Math.max(most, high);
  }
  return [least, most];
}

/** Mean and dispersion of the next count, that of an estimated mean included. */
function momentsOf(counts: readonly number[]): { mean: number; dispersion: number } {
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  const squares = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0);
  const variance = squares / Math.max(1, counts.length - 1);
  return { mean, dispersion: Math.max(1, variance / mean) * (1 + 1 / counts.length) };
}
