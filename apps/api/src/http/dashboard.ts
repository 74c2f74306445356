import { existsSync } from 'node:fs';
import { join } from 'node:path';
import express, { type NextFunction, type Request, type Response, Router } from 'express';

const SERVER_PATHS = /^\/(api|v1|loki|elasticsearch|health|metrics)(\/|$)/;
/** Names that the build gives a hash: another content has another name. */
const HASHED = /[-.][A-Za-z0-9_-]{8,}\.(js|css|woff2?|svg|png|ico|map)$/;

/** Serves the built dashboard; every address that is no file and no door of the server is a page of it. */
export function buildDashboard(directory: string): Router {
  const router = Router();
  const index = join(directory, 'index.html');
  router.use((request: Request, _response: Response, next: NextFunction) => {
    if (SERVER_PATHS.test(request.path)) next('router');
    else next();
  });
  router.use(
    express.static(directory, {
      index: 'index.html',
      setHeaders: (response, path) => {
        response.setHeader(
          'cache-control',
          HASHED.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache',
        );
      },
    }),
  );
  router.use((request: Request, response: Response, next: NextFunction) => {
    const isPage = request.method === 'GET' && request.accepts(['html', 'json']) === 'html';
    if (!isPage || /\.[a-z0-9]+$/i.test(request.path) || !existsSync(index)) return next();
    response.setHeader('cache-control', 'no-cache');
    // Relative to the folder: one that lies under a name with a dot, as `~/.local`, is no hidden file.
    response.sendFile('index.html', { root: directory });
  });
  return router;
}
