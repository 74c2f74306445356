import { type AuthConfig, ROUTES } from '@logbert/contracts';
import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request, Response } from 'express';
import { AUTH_CONFIG } from '../config/config.module';
import { isElasticsearch } from '../http/elasticsearch-paths';
import { UnauthorizedFailure } from '../problems/request-failure';
import { ApiKeys } from './api-keys';
import { IS_PUBLIC } from './public';

/** Lets a request in when no key is configured, the door is public, or it bears a known key. */
@Injectable()
export class ApiKeyGuard implements CanActivate {
  private readonly keys: ApiKeys;

  constructor(
    @Inject(AUTH_CONFIG) config: AuthConfig,
    private readonly reflector: Reflector,
  ) {
    this.keys = new ApiKeys(config.apiKeys);
  }

  canActivate(context: ExecutionContext): boolean {
    if (context.getType() !== 'http' || !this.keys.areRequired) return true;
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean | undefined>(IS_PUBLIC, targets)) return true;

    const http = context.switchToHttp();
    const key = keyOf(http.getRequest<Request>());
    if (key !== undefined && this.keys.accepts(key)) return true;
    http.getResponse<Response>().setHeader('www-authenticate', 'Bearer');
    throw new UnauthorizedFailure(
      key === undefined
        ? 'An API key is needed: send it as "Authorization: Bearer <key>".'
        : 'The API key is not known.',
    );
  }
}

/** A browser's event source cannot send headers, so that one door also takes the key as a parameter. */
function keyOf(request: Request): string | undefined {
  const { authorization = '' } = request.headers;
  const header =
    /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? keyOfShipper(request, authorization);
  if (header !== undefined) return header;
  const token: unknown = request.query['access_token'];
  return request.path === ROUTES.events && typeof token === 'string' ? token : undefined;
}

/**
 * Shippers for Loki and Elasticsearch send a key as the password of a user, or behind an id, whatever these are called.
 * Nowhere else, since a browser sends a password by itself once it knows it.
 */
function keyOfShipper({ path }: Request, authorization: string): string | undefined {
  if (path !== ROUTES.lokiPush && !isElasticsearch(path)) return undefined;
  const encoded = /^(?:Basic|ApiKey) +([\w+/=-]+)$/i.exec(authorization)?.[1];
  if (encoded === undefined) return undefined;
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  return pair.includes(':') ? pair.slice(pair.indexOf(':') + 1) : encoded;
}
