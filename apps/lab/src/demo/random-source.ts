import { seededRandom } from '@logbert/logbert';

/** A seeded source of chance: the same seed gives the same shop. */
export class RandomSource {
  /** A number in [0, 1). */
  readonly next: () => number;

  /** @param seed any integer; its low 32 bits count */
  constructor(seed: number) {
    this.next = seededRandom(seed);
  }

  /** An integer in [low, high]. */
  int(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  /** Whether an event of this probability happens. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly [T, ...T[]]): T {
    return items[this.int(0, items.length - 1)] ?? items[0];
  }

  /** A waiting time with this mean, exponentially distributed. */
  waiting(mean: number): number {
    return -Math.log(1 - this.next()) * mean;
  }

  hex(digits: number): string {
    let text = '';
    while (text.length < digits) text += this.int(0, 15).toString(16);
    return text;
  }
}
