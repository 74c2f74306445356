import type { Incident } from '@logbert/contracts';
import { describe, expect, it } from 'vitest';
import { addFingerprints, cosineSimilarity, findSimilarIncidents } from './fingerprint';

describe('cosineSimilarity', () => {
  it('is 1 for bags of the same mix, 0 for bags with nothing in common', () => {
    expect(cosineSimilarity({ a: 1, b: 2 }, { a: 2, b: 4 })).toBeCloseTo(1);
    expect(cosineSimilarity({ a: 1 }, { b: 1 })).toBe(0);
    expect(cosineSimilarity({}, { b: 1 })).toBe(0);
  });

  it('tells a line that came from one that did not', () => {
    expect(cosineSimilarity({ a: 1 }, { '!a': 1 })).toBe(0);
  });

  it('is not misled by names of the object prototype', () => {
    expect(cosineSimilarity({ constructor: 1 }, { a: 1 })).toBe(0);
    expect(addFingerprints({ toString: 1 }, { toString: 2 })['toString']).toBe(3);
  });
});

describe('findSimilarIncidents', () => {
  const past = (id: string, openedAt: number, fingerprint: Record<string, number>) => ({
    incident: { id, openedAt } as Incident,
    fingerprint,
  });

  it('lists the most similar first, newest among equals, without itself', () => {
    const found = findSimilarIncidents(
      'me',
      { a: 1, b: 1 },
      [
        past('me', 9, { a: 1, b: 1 }),
        past('old', 1, { a: 1, b: 1 }),
        past('new', 2, { a: 1, b: 1 }),
        past('half', 3, { a: 1 }),
        past('other', 4, { c: 1 }),
      ],
      3,
    );
    expect(found.map(({ incidentId }) => incidentId)).toEqual(['new', 'old', 'half']);
    expect(found[0]?.similarity).toBeCloseTo(1);
  });
});
