import { TEMPLATE_BUCKET_MS } from '@logbert/contracts';
import { describe, expect, it } from 'vitest';
import { compareCounts, countByOrigin, countByTemplate, countNames, originOf } from './line-counts';

describe('originOf', () => {
  it('is the same within a bucket, and another in the next one and of another service', () => {
    const first = originOf('cart', 0);
    expect(originOf('cart', TEMPLATE_BUCKET_MS - 1)).toBe(first);
    expect(originOf('cart', TEMPLATE_BUCKET_MS)).not.toBe(first);
    expect(originOf('payment', 0)).not.toBe(first);
  });
});

describe('what the database counted', () => {
  const of = (templateId: string, lines: number) => ({
    ...{ service: 'cart', templateId, lines, bucketMs: TEMPLATE_BUCKET_MS },
  });
  const counted = [of('a', 2), of('b', 3), of('a', 4)];

  it('is summed by origin, and finer by template', () => {
    const origin = originOf('cart', TEMPLATE_BUCKET_MS + 1);
    expect(countByOrigin(counted)).toEqual(new Map([[origin, 9]]));
    expect([...countByTemplate(counted).values()]).toEqual([6, 3]);
  });
});

describe('compareCounts', () => {
  it('never takes what is too much of one kind for what is missing of another', () => {
    const expected = countNames(['a', 'a', 'b', 'c']);
    expect(compareCounts(expected, countNames(['a', 'b', 'b', 'c']))).toEqual({
      lost: 1,
      twice: 1,
    });
    expect(compareCounts(expected, expected)).toEqual({ lost: 0, twice: 0 });
  });

  it('knows kinds that only one side has', () => {
    expect(compareCounts(countNames(['a', 'a']), countNames(['b']))).toEqual({ lost: 2, twice: 1 });
  });
});
