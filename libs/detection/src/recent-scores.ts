/** Windows of a cell that are looked back on. */
const CAPACITY = 1_000;
/** Fewest windows that say anything. */
const MIN_WINDOWS = 100;
/** Share of the recent windows from which a score is usual, whatever the calibration says. */
const USUAL_SHARE = 0.02;

/**
 * The scores of recent windows on one channel.
 *
 * A workload that changes lifts the scores of a channel that cannot learn. What at least a fiftieth of the recent windows
 * score is usual, and the channel has no more to say about it.
 */
export class RecentScores {
  private readonly ring = new Float64Array(CAPACITY);
  private readonly sorted = new Float64Array(CAPACITY);
  private size = 0;
  private oldest = 0;

  enter(score: number): void {
    if (this.size === CAPACITY) {
      const left = this.firstNotBelow(this.ring[this.oldest] ?? 0);
      this.sorted.copyWithin(left, left + 1, this.size);
      this.size--;
    }
    this.ring[this.oldest] = score;
    this.oldest = (this.oldest + 1) % CAPACITY;
    const place = this.firstNotBelow(score);
    this.sorted.copyWithin(place + 1, place, this.size);
    this.sorted[place] = score;
    this.size++;
  }

  /** @returns share of recent windows that score as much or more, in [0, 1]; 0 where that is no usual share */
  usualShareOf(score: number): number {
    if (this.size < MIN_WINDOWS) return 0;
    const share = (this.size - this.firstNotBelow(score)) / this.size;
    return share < USUAL_SHARE ? 0 : share;
  }

  /** Oldest first. */
  inOrder(): readonly number[] {
    const start = this.size < CAPACITY ? 0 : this.oldest;
    return Array.from(
      { length: this.size },
      (_, step) => this.ring[(start + step) % CAPACITY] ?? 0,
    );
  }

  private firstNotBelow(score: number): number {
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.sorted[middle] ?? 0) < score) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
