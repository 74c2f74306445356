import { describe, expect, it } from 'vitest';
import { auprc, auroc, type Scored } from './ranking';

const scored = (normal: readonly number[], anomalous: readonly number[]): Scored[] => [
  ...normal.map((score) => ({ score, isAnomalous: false })),
  ...anomalous.map((score) => ({ score, isAnomalous: true })),
];

describe('auroc', () => {
  it.each([
    ['1 when every anomaly is above every normal', [1, 2], [3, 4], 1],
    ['0 when it is the other way round', [3, 4], [1, 2], 0],
    ['a half when all tie', [1, 1], [1, 1], 0.5],
    ['the share of pairs in the right order', [1, 3], [2, 4], 0.75],
  ])('is %s', (_case, normal, anomalous, expected) => {
    expect(auroc(scored(normal, anomalous))).toBe(expected);
  });

  it('is NaN when a class is empty', () => {
    expect(auroc(scored([1], []))).toBeNaN();
  });
});

describe('auprc', () => {
  it('is 1 when every anomaly is above every normal', () => {
    expect(auprc(scored([1, 2], [3, 4]))).toBe(1);
  });

  it('is the share of anomalies when all tie', () => {
    expect(auprc(scored([1, 1, 1], [1]))).toBe(0.25);
  });

  it('averages the precision at each find', () => {
    expect(auprc(scored([3], [4, 2]))).toBeCloseTo((1 + 2 / 3) / 2, 12);
  });
});
