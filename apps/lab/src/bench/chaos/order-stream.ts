import { RandomSource } from '../../demo/random-source';

export interface OrderLine {
  /** Its session. */
  readonly key: string;
  /** One line of JSON. */
  readonly text: string;
}

interface TimedLine extends OrderLine {
  readonly atMs: number;
}

interface Step {
  readonly service: string;
  readonly level: 'info' | 'error';
  readonly message: string;
}

export interface OrderPlan {
  readonly seed: number;
  /** At the least. */
  readonly lines: number;
  /** Epoch milliseconds of the last order. */
  readonly untilMs: number;
  /** Every so many orders one fails; none when left out. */
  readonly failingEvery?: number;
}

export const ORDER_SPACING_MS = 60;
const LONGEST_PAUSE_MS = 4_500;
export const LINES_AN_ORDER = 5.5;
const ORDERS_AT_ONCE = 500;

/**
 * The log of a shop in which about a hundred orders go on at once, in the order of its time: wherever it is cut, some
 * orders have begun before and end after. Its last orders are complete, so that there are some lines more than asked for: orders that stay
 * open are judged when nothing was heard for a while, in an order that hangs on the clock, and those before decide what is usual.
 */
export function* orderStream(plan: OrderPlan): Generator<OrderLine, void, undefined> {
  const { seed, lines, untilMs, failingEvery } = plan;
  const random = new RandomSource(seed).next;
  const fromMs = untilMs - Math.round((lines / LINES_AN_ORDER) * ORDER_SPACING_MS);
  const pending: TimedLine[] = [];
  let made = 0;
  for (let order = 0; made < lines; order++) {
    const isFailing = failingEvery !== undefined && order % failingEvery === failingEvery - 1;
    const key = `order-${seed}-${order}`;
    let atMs = fromMs + order * ORDER_SPACING_MS;
    const nextMs = atMs + ORDER_SPACING_MS;
    for (const step of isFailing ? failingOrder(random) : ordinaryOrder(random)) {
      const timestamp = new Date(atMs).toISOString();
      pending.push({ atMs, key, text: JSON.stringify({ timestamp, request_id: key, ...step }) });
      atMs += Math.floor(random() ** 3 * LONGEST_PAUSE_MS);
      made++;
    }
    if (order % ORDERS_AT_ONCE !== ORDERS_AT_ONCE - 1) continue;
    pending.sort((a, b) => a.atMs - b.atMs);
    const later = pending.findIndex((line) => line.atMs >= nextMs);
    yield* pending.splice(0, later === -1 ? pending.length : later);
  }
  yield* pending.sort((a, b) => a.atMs - b.atMs);
}

function ordinaryOrder(random: () => number): readonly Step[] {
  const upTo = (most: number) => Math.floor(random() * most);
  const user = 1_000 + upTo(9_000);
  return [
    info('gateway', `POST /orders from 10.0.0.${upTo(255)}`),
    ...(random() < 0.3 ? [info('cart', `cart cache miss for user ${user}`)] : []),
    info('cart', `loaded cart with ${1 + upTo(4)} items`),
    info('payment', `charging ${upTo(9_000) / 100} EUR for user ${user}`),
    ...(random() < 0.2 ? [info('payment', 'bank asked for a second factor')] : []),
    info('payment', `charge accepted in ${upTo(200)} ms`),
    info('gateway', `201 created in ${upTo(400)} ms`),
  ];
}

function failingOrder(random: () => number): readonly Step[] {
  const upTo = (most: number) => Math.floor(random() * most);
  return [
    info('gateway', `POST /orders from 10.0.0.${upTo(255)}`),
    info('cart', `loaded cart with ${1 + upTo(4)} items`),
    info('payment', `charging 12.5 EUR for user ${1_000 + upTo(9_000)}`),
    error('payment', `bank connection timed out after ${5_000 + upTo(100)} ms`),
    error('payment', 'giving up on the charge, circuit is open'),
    error('gateway', 'upstream payment answered 503'),
  ];
}

function info(service: string, message: string): Step {
  return { service, level: 'info', message };
}

function error(service: string, message: string): Step {
  return { service, level: 'error', message };
}
