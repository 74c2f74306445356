import type { RandomSource } from './random-source';
import type { ShopEvent, ShopLevel, ShopService } from './shop-line';

/** What the gateway can be asked for. */
export type ShopRoute = 'product-page' | 'product-search' | 'cart-add' | 'checkout' | 'login';

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
  receive(route: ShopRoute, address = this.address()): void {
    this.say('gateway', 'info', `${route} requested from ${address}`);
  }

  /** The gateway's last line when all went well. */
  succeed(route: ShopRoute, status: 200 | 201): void {
    this.say('gateway', 'info', `${route} answered ${status} after ${this.elapsedMs()} ms`);
  }

  /** The gateway's last line when the visitor is to blame. */
  refuse(route: ShopRoute, status: 401 | 402 | 404): void {
    this.say('gateway', 'info', `${route} refused with ${status} after ${this.elapsedMs()} ms`);
  }

  /** The gateway's last line when the shop is to blame. */
  fail(route: ShopRoute, status: 500 | 504): void {
    this.say('gateway', 'error', `${route} failed with ${status} after ${this.elapsedMs()} ms`);
  }

  /** One statement of the database proxy; some are slow by nature. */
  query(statement: string, rows: string): void {
    if (this.random.chance(0.08)) {
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

  private elapsedMs(): number {
    return Math.round(this.atMs - this.startMs);
  }

  private address(): string {
    return `10.${this.random.int(0, 31)}.${this.random.int(0, 255)}.${this.random.int(1, 254)}`;
  }
}
