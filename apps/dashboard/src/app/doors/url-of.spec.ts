import { ROUTES } from '@logbert/contracts';
import { describe, expect, it } from 'vitest';
import { urlOf } from './url-of';

describe('urlOf', () => {
  it('fills the parts and escapes them', () => {
    expect(urlOf(ROUTES.incidentRootCause, { id: 'a/b' })).toBe(
      '/api/v1/incidents/a%2Fb/root-cause',
    );
  });

  it('leaves out what is not asked for', () => {
    const query = { state: undefined, stream: '', cursor: null, limit: 20 };
    expect(urlOf(ROUTES.incidents, {}, query)).toBe('/api/v1/incidents?limit=20');
    expect(urlOf(ROUTES.events, {}, { access_token: null })).toBe('/api/v1/events');
  });
});
