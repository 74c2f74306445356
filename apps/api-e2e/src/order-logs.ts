/** Numbers from a seed (mulberry32), so that every run sends the same lines. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Line {
  readonly service: string;
  readonly level: string;
  readonly message: string;
}

/** Makes the log of small orders: each is one session of lines from three services. */
export class OrderLogs {
  private readonly random: () => number;
  private orders = 0;

  constructor(seed: number) {
    this.random = seededRandom(seed);
  }

  /** NDJSON of so many ordinary orders, begun `spacingMs` after each other. */
  ordinary(count: number, fromMs: number, spacingMs: number): string {
    return this.write(count, fromMs, spacingMs, () => this.ordinaryOrder());
  }

  /** Orders whose payment fails in a way that was never seen before. */
  failing(count: number, fromMs: number, spacingMs: number): string {
    return this.write(count, fromMs, spacingMs, () => this.failingOrder());
  }

  private write(
    count: number,
    fromMs: number,
    spacingMs: number,
    order: () => readonly Line[],
  ): string {
    const lines: string[] = [];
    for (let number = 0; number < count; number++) {
      const requestId = `order-${this.orders++}`;
      for (const [step, line] of order().entries()) {
        const timestamp = new Date(fromMs + number * spacingMs + step * 3).toISOString();
        lines.push(JSON.stringify({ timestamp, request_id: requestId, ...line }));
      }
    }
    return `${lines.join('\n')}\n`;
  }

  private ordinaryOrder(): readonly Line[] {
    const items = 1 + Math.floor(this.random() * 4);
    const price = Math.floor(this.random() * 9_000) / 100;
    return [
      info('gateway', `POST /orders from 10.0.0.${Math.floor(this.random() * 255)}`),
      ...(this.random() < 0.3 ? [info('cart', `cart cache miss for user ${this.user()}`)] : []),
      info('cart', `loaded cart with ${items} items`),
      info('payment', `charging ${price} EUR for user ${this.user()}`),
      ...(this.random() < 0.2 ? [info('payment', 'bank asked for a second factor')] : []),
      info('payment', `charge accepted in ${Math.floor(this.random() * 200)} ms`),
      info('gateway', `201 created in ${Math.floor(this.random() * 400)} ms`),
    ];
  }

  private failingOrder(): readonly Line[] {
    const waited = 5_000 + Math.floor(this.random() * 100);
    return [
      info('gateway', `POST /orders from 10.0.0.${Math.floor(this.random() * 255)}`),
      info('cart', `loaded cart with ${1 + Math.floor(this.random() * 4)} items`),
      info('payment', `charging 12.5 EUR for user ${this.user()}`),
      {
        service: 'payment',
        level: 'error',
        message: `bank connection timed out after ${waited} ms`,
      },
      { service: 'payment', level: 'error', message: 'giving up on the charge, circuit is open' },
      { service: 'gateway', level: 'error', message: 'upstream payment answered 503' },
    ];
  }

  private user(): number {
    return 1_000 + Math.floor(this.random() * 9_000);
  }
}

function info(service: string, message: string): Line {
  return { service, level: 'info', message };
}
