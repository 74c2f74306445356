export const SHOP_SERVICES = ['gateway', 'catalogue', 'cart', 'payment', 'db-proxy'] as const;
export type ShopService = (typeof SHOP_SERVICES)[number];
export type ShopLevel = 'debug' | 'info' | 'warn' | 'error';

/** What a service has to say at one moment of one request. */
export interface ShopEvent {
  /** Epoch milliseconds. */
  readonly atMs: number;
  readonly service: ShopService;
  readonly level: ShopLevel;
  readonly requestId: string;
  readonly message: string;
}

/** An event as its service writes it: two write JSON, two logfmt, one plain text. */
export function writeLine(event: ShopEvent): string {
  const { atMs, service, level, requestId, message } = event;
  const at = new Date(atMs).toISOString();
  switch (service) {
    case 'gateway':
      return JSON.stringify({ timestamp: at, level, service, request_id: requestId, message });
    case 'catalogue':
      return JSON.stringify({ time: atMs, level, service, request_id: requestId, msg: message });
    case 'cart':
    case 'payment':
      return `time=${at} level=${level} service=${service} request_id=${requestId} msg=${JSON.stringify(message)}`;
    case 'db-proxy':
      return `${at} ${level.toUpperCase()} ${service}: ${message} (${requestId})`;
  }
}
