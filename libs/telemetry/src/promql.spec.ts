import { describe, expect, it } from 'vitest';
import { labelsInQuery, seriesInQuery } from './promql';

describe('seriesInQuery', () => {
  it('finds names beside functions, groupings, selectors and ranges', () => {
    const query =
      'sum by (le, route) (rate(a_bucket{route!="b"}[5m])) / on (x) c_total unless d offset 5m';
    expect(seriesInQuery(query)).toEqual(['a_bucket', 'c_total', 'd']);
  });

  it('does not take words in strings, numbers or variables for names', () => {
    expect(seriesInQuery('a{s=~"$stream or b"} > 1e3 and vector(0) or a[$__range]')).toEqual(['a']);
  });
});

describe('labelsInQuery', () => {
  it('finds labels of selectors and groupings', () => {
    expect(labelsInQuery('sum by (le, route) (a{status=~"5..", job!="x"})')).toEqual([
      'status',
      'job',
      'le',
      'route',
    ]);
  });
});
