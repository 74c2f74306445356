import { backoff } from '../batch-delivery';

/** Restarts that came to nothing although the brokers answered, and the time since the first, after which a consumer is stuck. */
const MOST_FRUITLESS = 10;
const STUCK_AFTER_MS = 300_000;
/** A fetch says little of one that crashes again in the same second. */
const CALM_AFTER_MS = 60_000;

/** Counts how often a consumer was started again without any good, over how long. */
export class Restarts {
  /** Whether a consumer is being started that has not joined its group yet. */
  isUnderWay = false;
  private count = 0;
  private fruitless = 0;
  private sinceMs: number | undefined;
  private lastAtMs = 0;
  private isTold = false;

  constructor(private readonly now: () => number = Date.now) {}

  begin(): void {
    this.isUnderWay = true;
  }

  noteJoin(): void {
    this.isUnderWay = false;
  }

  /** Forgets the trouble once a consumer has fetched for a minute. */
  noteFetch(): void {
    if (this.sinceMs === undefined || this.now() - this.lastAtMs < CALM_AFTER_MS) return;
    this.sinceMs = undefined;
    this.count = 0;
    this.fruitless = 0;
    this.isTold = false;
  }

  /**
   * @param isFruitless whether a broker answered, so that starting again should have helped
   * @returns when to start, and once, that the consumer is stuck
   */
  next(isFruitless: boolean): { inMs: number; isStuck: boolean; count: number } {
    const now = this.now();
    this.isUnderWay = true;
    this.sinceMs ??= now;
    this.lastAtMs = now;
    if (isFruitless) this.fruitless++;
    const isBeyond = this.fruitless >= MOST_FRUITLESS && now - this.sinceMs >= STUCK_AFTER_MS;
    const isStuck = isBeyond && !this.isTold;
    this.isTold ||= isStuck;
    return { inMs: backoff(++this.count), isStuck, count: this.fruitless };
  }
}
