import { OrderLogs, seededRandom } from './order-logs';

export interface OrderLine {
  readonly requestId: string;
  /** One line of JSON. */
  readonly text: string;
}

interface Plan {
  readonly seed: number;
  readonly orders: number;
  /** Epoch milliseconds of the first order. */
  readonly fromMs: number;
  /** From one order's beginning to the next. */
  readonly spacingMs: number;
  /** Longest pause between two lines of an order. */
  readonly longestPauseMs: number;
  /** Every so many orders one fails; none when left out. */
  readonly failingEvery?: number;
}

/**
 * The log of orders of which many go on at once, some for a moment and some for long: wherever it is cut, some orders
 * have begun before and end after.
 */
export function overlappingOrders(plan: Plan): readonly OrderLine[] {
  const { seed, orders, fromMs, spacingMs, longestPauseMs, failingEvery } = plan;
  const logs = new OrderLogs(seed);
  const random = seededRandom(seed + 1);
  const lines: (OrderLine & { readonly atMs: number })[] = [];
  for (let order = 0; order < orders; order++) {
    const isFailing = failingEvery !== undefined && order % failingEvery === failingEvery - 1;
    const text = isFailing ? logs.failing(1, 0, 0) : logs.ordinary(1, 0, 0);
    let atMs = fromMs + order * spacingMs;
    for (const line of text.trimEnd().split('\n')) {
      const fields = JSON.parse(line) as { readonly request_id: string };
      const timestamp = new Date(atMs).toISOString();
      const requestId = fields.request_id;
      lines.push({ atMs, requestId, text: JSON.stringify({ ...fields, timestamp }) });
      atMs += Math.floor(random() ** 3 * longestPauseMs);
    }
  }
  return lines.sort((a, b) => a.atMs - b.atMs);
}
