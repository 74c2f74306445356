import { describe, expect, it } from 'vitest';
import { check, EMPTY_DRAFT } from './training-draft';

const NOW_MS = 10_000_000;

describe('check', () => {
  it('asks for the last hour of a stream by default', () => {
    expect(check({ ...EMPTY_DRAFT, stream: ' shop ' }, NOW_MS)).toEqual({
      request: {
        stream: 'shop',
        source: { kind: 'stream', fromMs: NOW_MS - 3_600_000, toMs: NOW_MS },
        options: {},
      },
    });
  });

  it('sends only the sizes that were given', () => {
    const draft = { ...EMPTY_DRAFT, stream: 'shop', epochs: 5, layers: 1 };
    expect(check(draft, NOW_MS)).toMatchObject({ request: { options: { epochs: 5, layers: 1 } } });
  });

  it.each([
    ['stream', { stream: 'No Such Name' }],
    ['path', { stream: 'shop', kind: 'file' as const }],
    ['fromMs', { stream: 'shop', minutes: null }],
    ['toMs', { stream: 'shop', minutes: null, from: '2026-01-02T00:00', to: '2026-01-01T00:00' }],
    ['heads', { stream: 'shop', heads: 99 }],
  ])('names the field "%s"', (field, given) => {
    const checked = check({ ...EMPTY_DRAFT, ...given }, NOW_MS);
    expect('faults' in checked && checked.faults.map((fault) => fault.field)).toContain(field);
  });
});
