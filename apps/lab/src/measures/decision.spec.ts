import { describe, expect, it } from 'vitest';
import { confusionOf, decisionFigures, wilsonInterval } from './decision';

describe('decisionFigures', () => {
  const confusion = { truePositives: 8, falsePositives: 2, falseNegatives: 2, trueNegatives: 88 };

  it('gives precision, recall and F1 of the sample', () => {
    const { precision, tpr, fpr, f1 } = decisionFigures(confusion);
    expect(precision).toBeCloseTo(0.8, 12);
    expect(tpr).toBeCloseTo(0.8, 12);
    expect(fpr).toBeCloseTo(2 / 90, 12);
    expect(f1).toBeCloseTo(0.8, 12);
  });

  it('corrects precision to the true share of anomalies', () => {
    const { precision } = decisionFigures(confusion, 0.01);
    expect(precision).toBeCloseTo((0.8 * 0.01) / (0.8 * 0.01 + (2 / 90) * 0.99), 12);
  });

  it('gives each rate the interval of the class that it is a rate of', () => {
    const { tprInterval, fprInterval } = decisionFigures(confusion);
    expect(tprInterval).toEqual(wilsonInterval(8, 10));
    expect(fprInterval).toEqual(wilsonInterval(2, 90));
  });

  it('is 0, not NaN, when nothing was flagged', () => {
    const none = { truePositives: 0, falsePositives: 0, falseNegatives: 3, trueNegatives: 7 };
    expect(decisionFigures(none)).toMatchObject({ precision: 0, tpr: 0, f1: 0 });
  });
});

describe('confusionOf', () => {
  it('counts each of the four outcomes', () => {
    const items = [true, false].flatMap((isFlagged) =>
      [true, false].map((isAnomalous) => ({ isFlagged, isAnomalous })),
    );
    expect(confusionOf(items)).toEqual({
      truePositives: 1,
      falsePositives: 1,
      falseNegatives: 1,
      trueNegatives: 1,
    });
  });
});

describe('wilsonInterval', () => {
  it('ends where the observed share is 1.96 standard errors away', () => {
    for (const bound of wilsonInterval(2, 90)) {
      const standardError = Math.sqrt((bound * (1 - bound)) / 90);
      expect(Math.abs(2 / 90 - bound) / standardError).toBeCloseTo(1.96, 4);
    }
  });

  it('stays within [0, 1] at both ends', () => {
    expect(wilsonInterval(0, 10)[0]).toBe(0);
    expect(wilsonInterval(10, 10)[1]).toBeCloseTo(1, 12);
  });

  it('knows nothing without a trial', () => {
    expect(wilsonInterval(0, 0)).toEqual([0, 1]);
  });
});
