import type { RandomSource } from './random-source';
import type { ShopEvent, ShopLevel, ShopService } from './shop-line';

/** One request on its way through the shop: a clock of its own and what was said so far. */
export class ShopRequest {
  readonly events: ShopEvent[] = [];
  readonly id: string;
  private atMs: number;

  constructor(
    readonly random: RandomSource,
    readonly startMs: number,
  ) {
    this.atMs = startMs;
    // The leading digit keeps an id from ever looking like a word.
    this.id = `req-${random.int(0, 9)}${random.hex(11)}`;
  }

  /** Lets time pass, some milliseconds between the two. */
  wait(leastMs: number, mostMs: number): void {
    this.atMs += this.random.int(leastMs, mostMs);
  }

  say(service: ShopService, level: ShopLevel, message: string): void {
    this.events.push({
      atMs: Math.round(this.atMs),
      service,
      level,
      requestId: this.id,
      message,
    });
    this.wait(1, 12);
  }

  /** The gateway's first line. */
  receive(route: string, address = this.address()): void {
    this.say('gateway', 'info', `request ${route} from ${address}`);
  }

  /** The gateway's last line. */
  answer(status: number, route: string): void {
    const level = status >= 500 ? 'error' : 'info';
    const tookMs = Math.round(this.atMs - this.startMs);
    this.say('gateway', level, `response ${status} to ${route} after ${tookMs} ms`);
  }

  /** One statement of the database proxy; some are slow by nature. */
  query(statement: string, rows: string): void {
    if (this.random.chance(0.05)) {
      this.wait(300, 700);
      this.say(
        'db-proxy',
        'warn',
        `slow statement ${statement} took ${this.random.int(300, 700)} ms`,
      );
      return;
    }
    this.wait(2, 25);
    this.say('db-proxy', 'info', `${statement} took ${this.random.int(1, 25)} ms and gave ${rows}`);
  }

  product(): number {
    return this.random.int(1_000, 4_999);
  }

  cart(): number {
    return this.random.int(100_000, 999_999);
  }

  account(): number {
    return this.random.int(10_000, 59_999);
  }

  address(): string {
    return `10.${this.random.int(0, 31)}.${this.random.int(0, 255)}.${this.random.int(1, 254)}`;
  }
}
