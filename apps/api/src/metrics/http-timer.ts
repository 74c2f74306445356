import { METRICS } from '@logbert/telemetry';
import type { NextFunction, Request, Response } from 'express';
import type { Meters } from './meters';

/** Whether the answer is one that does not end. */
export function isEventStream(response: Pick<Response, 'getHeader'>): boolean {
  return String(response.getHeader('content-type') ?? '').startsWith('text/event-stream');
}

/** Measures every request by the pattern of its route: `files` for the dashboard's, `unmatched` for what nothing answers. */
export function buildHttpTimer(meters: Meters) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const startedAt = process.hrtime.bigint();
    response.on('close', () => {
      // An event stream's length says nothing about the server's speed.
      if (isEventStream(response)) return;
      const route: unknown = request.route?.path;
      const without = response.statusCode < 400 ? 'files' : 'unmatched';
      const seconds = Number(process.hrtime.bigint() - startedAt) / 1e9;
      meters.observe(METRICS.httpRequestSeconds, seconds, {
        method: request.method,
        route: typeof route === 'string' ? route : without,
        status: response.statusCode,
      });
    });
    next();
  };
}
