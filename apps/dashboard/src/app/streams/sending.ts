import { ROUTES } from '@logbert/contracts';

/**
 * A command that sends one line to a stream.
 *
 * @param origin where this server answers, without a slash at the end
 * @param needsKey whether the server asks for an API key
 */
export function curlFor(origin: string, stream: string, needsKey: boolean): string {
  const key = needsKey ? `  -H 'Authorization: Bearer YOUR_API_KEY' \\\n` : '';
  return (
    `curl -X POST '${origin}${ROUTES.logs}?stream=${encodeURIComponent(stream)}' \\\n` +
    `  -H 'Content-Type: application/x-ndjson' \\\n${key}` +
    `  --data-binary '{"service":"checkout","level":"info","request_id":"r-1","message":"order 4711 paid"}'`
  );
}

/** The same for a plain log file. */
export function curlFileFor(origin: string, stream: string, needsKey: boolean): string {
  const key = needsKey ? `  -H 'Authorization: Bearer YOUR_API_KEY' \\\n` : '';
  return (
    `curl -X POST '${origin}${ROUTES.logs}?stream=${encodeURIComponent(stream)}' \\\n` +
    `  -H 'Content-Type: text/plain' \\\n${key}` +
    `  --data-binary @app.log`
  );
}
