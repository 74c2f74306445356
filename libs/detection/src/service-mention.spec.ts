import { describe, expect, it } from 'vitest';
import { mentionsService } from './service-mention';

describe('mentionsService', () => {
  it.each([
    ['upstream db-proxy:5432 timed out', 'db-proxy'],
    ['call to db_proxy failed', 'db-proxy'],
    ['GET http://payment/charge 502', 'payment'],
    ['Payment did not answer', 'payment'],
  ])('sees the name in "%s"', (text, service) => {
    expect(mentionsService(text, service)).toBe(true);
  });

  it.each([
    ['payments are late', 'payment'],
    ['db-proxy2 is down', 'db-proxy'],
    ['a b c', 'b'],
    ['', 'payment'],
  ])('sees no name in "%s"', (text, service) => {
    expect(mentionsService(text, service)).toBe(false);
  });
});
