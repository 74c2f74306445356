import type { Configuration } from '@logbert/contracts';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { CrossSiteFailure, MisdirectedFailure } from '../problems/request-failure';

const LOCAL_NAMES = ['localhost', '127.0.0.1', '[::1]'];
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Without API keys a page of any site could use the server through its reader's browser: by a name of its own that leads
 * here (DNS rebinding), or by requests across sites. Both are refused; with keys, no browser adds them by itself.
 *
 * A server that listens to other machines is called by names it cannot know: there only `server.allowedHosts` limits them.
 */
export function guardCallers({ auth, server }: Configuration): RequestHandler {
  const named = server.allowedHosts.map((name) => name.toLowerCase());
  const allowed = new Set([...LOCAL_NAMES, bracketed(server.host.toLowerCase()), ...named]);
  const isLimited = named.length > 0 || isLoopback(server.host);

  return (request: Request, _response: Response, next: NextFunction) => {
    if (auth.apiKeys.length > 0) return next();
    const host = request.headers.host?.toLowerCase() ?? '';
    // Probes call by address; a health answer tells nothing.
    const isProbe = request.path.startsWith('/health/');
    if (isLimited && !isProbe && !allowed.has(nameOf(host))) {
      return next(new MisdirectedFailure(nameOf(host)));
    }
    const { origin, 'sec-fetch-site': site } = request.headers;
    const isForeign =
      site === 'cross-site' || (origin !== undefined && !isOwnOrigin(origin, host, named));
    next(isForeign && !SAFE_METHODS.has(request.method) ? new CrossSiteFailure() : undefined);
  };
}

/** A proxy may have changed the host; the names that are allowed are the server's own too. */
function isOwnOrigin(origin: string, host: string, named: readonly string[]): boolean {
  if (!URL.canParse(origin)) return false;
  const own = new URL(origin);
  return own.host === host || named.includes(own.hostname);
}

/** The host without its port and the dot that may end it. */
function nameOf(host: string): string {
  return host.replace(/:\d{1,5}$/, '').replace(/\.$/, '');
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
