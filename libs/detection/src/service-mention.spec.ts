import { describe, expect, it } from 'vitest';
import { mentionedServices } from './service-mention';

describe('mentionedServices', () => {
  const mentioned = (raw: string, ...services: string[]) =>
    mentionedServices({ service: 'gateway', raw }, new Set(services));

  it.each([
    ['upstream db-proxy:5432 timed out', 'db-proxy'],
    ['call to db_proxy failed', 'db-proxy'],
    ['GET http://payment/charge 502', 'payment'],
    ['Payment did not answer', 'payment'],
  ])('sees the name in "%s"', (text, service) => {
    expect(mentioned(text, 'cart', service)).toEqual([service]);
  });

  it.each([
    ['payments are late', 'payment'],
    ['db-proxy2 is down', 'db-proxy'],
    ['a b c', 'b'],
    ['', 'payment'],
    ['gateway is up', 'gateway'],
  ])('sees no name of another in "%s"', (text, service) => {
    expect(mentioned(text, service)).toEqual([]);
  });
});
