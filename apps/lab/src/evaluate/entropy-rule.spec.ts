import { describe, expect, it } from 'vitest';
import { learnEntropyRule } from './entropy-rule';

describe('learnEntropyRule', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => (100 - index) / 100);
  const flags = (calibration: readonly number[], alpha: number, meanEntropy?: number): boolean =>
    learnEntropyRule(calibration, alpha).judge({
      tokens: Int32Array.of(4),
      novelLines: 0,
      meanEntropy,
    }).isFlagged;

  it('flags what is above the quantile of the calibration, and not the quantile itself', () => {
    expect(flags(hundred, 0.05, 0.951)).toBe(true);
    expect(flags(hundred, 0.05, 0.95)).toBe(false);
  });

  it('has the largest value as its threshold where the budget is below one window', () => {
    expect(flags(hundred, 0.001, 1)).toBe(false);
    expect(flags(hundred, 0.001, 1.001)).toBe(true);
  });

  it('scores by the mean entropy', () => {
    const rule = learnEntropyRule(hundred, 0.05);
    const window = { tokens: Int32Array.of(4), novelLines: 0, meanEntropy: 0.4 };
    expect(rule.judge(window)).toEqual({ score: 0.4, isFlagged: false });
  });

  it('flags nothing without a calibration or without a score of the model', () => {
    expect(flags([], 0.05, 9)).toBe(false);
    expect(flags([0], 0.05, undefined)).toBe(false);
  });
});
