import { type Configuration, ROUTES } from '@logbert/contracts';
import type { NestExpressApplication } from '@nestjs/platform-express';
import compression from 'compression';
import express, { type NextFunction, type Request, type Response } from 'express';
import helmet from 'helmet';
import { hasRole, LOCATIONS } from '../config/config.module';
import type { Locations } from '../config/locations';
import { buildHttpTimer, isEventStream } from '../metrics/http-timer';
import { Meters } from '../metrics/meters';
import { serveOpenApi } from '../openapi/serve-open-api';
import { InvalidRequestFailure, NotFoundFailure } from '../problems/request-failure';
import { buildDashboard } from './dashboard';
import { isElasticsearch, serveElasticsearchPaths } from './elasticsearch-paths';
import { guardCallers } from './guard-callers';

/** Bodies of the API are orders, not data; the doors for data read their own. */
const ORDER_LIMIT_BYTES = 262_144;
const DATA_DOORS: ReadonlySet<string> = new Set([
  ROUTES.logs,
  ROUTES.otlpLogs,
  ROUTES.lokiPush,
  ROUTES.uploads,
]);

/** Everything around the controllers: headers, compression, bodies, documentation, dashboard. */
export function configureHttp(app: NestExpressApplication, configuration: Configuration): void {
  app.disable('x-powered-by');
  app.use(buildHttpTimer(app.get(Meters)));
  app.use(securityHeaders());
  app.use(serveElasticsearchPaths);
  app.use(guardCallers(configuration));
  app.use(refuseNul);
  app.use(
    compression({
      filter: (request, response) =>
        !isEventStream(response) && compression.filter(request, response),
    }),
  );
  if (!hasRole(configuration, 'api')) {
    app.use(refuseUnlessOperations);
    return;
  }
  const json = express.json({ limit: ORDER_LIMIT_BYTES, strict: false });
  app.use((request: Request, response: Response, next: NextFunction) => {
    const path = routedPath(request.path);
    if (DATA_DOORS.has(path) || isElasticsearch(path)) next();
    else json(request, response, next);
  });
  app.use(buildDashboard(app.get<Locations>(LOCATIONS).dashboardDirectory));
  serveOpenApi(app);
}

function securityHeaders() {
  return helmet({
    contentSecurityPolicy: {
      directives: {
        // Material and the charts set styles on elements.
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        connectSrc: ["'self'"],
        // The server itself speaks plain HTTP; a proxy in front of it may add TLS.
        upgradeInsecureRequests: null,
      },
    },
    strictTransportSecurity: false,
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
  });
}

/** The path as the router compares it: without regard to case and a slash at its end. */
function routedPath(path: string): string {
  return path.toLowerCase().replace(/\/$/, '');
}

/** No id, name or cursor has the character, and PostgreSQL bears none. */
function refuseNul(request: Request, _response: Response, next: NextFunction): void {
  const hasNul = request.url.includes('%00');
  const problem = { field: 'url', reason: 'has the character NUL' };
  next(hasNul ? new InvalidRequestFailure([problem]) : undefined);
}

/** A process without the `api` role has only the doors by which it is watched. */
function refuseUnlessOperations(request: Request, _response: Response, next: NextFunction): void {
  const isOperations = request.path.startsWith('/health/') || request.path === ROUTES.metrics;
  next(isOperations ? undefined : new NotFoundFailure('door', request.path));
}
