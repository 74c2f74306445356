import { ROUTES } from '@logbert/contracts';
import type { NextFunction, Request, Response } from 'express';

const API =
  /^\/(?:[^/]+\/)?_bulk\/?$|^\/_(?:license|cluster|ilm|index_template|data_stream|ingest)(?:\/|$)/;
const JSON_TYPES = /^application\/(?:json|vnd\.elasticsearch\+json)/;

/**
 * Clients of Elasticsearch that cannot put a folder before its paths reach its door at the root, too: there a browser, which asks for
 * a page, gets the dashboard. They talk only to what says that it is Elasticsearch.
 */
export function serveElasticsearchPaths(
  request: Request,
  response: Response,
  next: NextFunction,
): void {
  const isAtRoot = request.path === '/' && JSON_TYPES.test(request.headers.accept ?? '');
  if (isAtRoot || API.test(request.path)) request.url = `${ROUTES.elasticsearch}${request.url}`;
  if (isElasticsearch(request.path)) response.setHeader('x-elastic-product', 'Elasticsearch');
  next();
}

/** Whether the path is below the door of Elasticsearch. */
export function isElasticsearch(path: string): boolean {
  return path === ROUTES.elasticsearch || path.startsWith(`${ROUTES.elasticsearch}/`);
}
