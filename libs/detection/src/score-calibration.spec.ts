import { describe, expect, it } from 'vitest';
import { ScoreCalibration } from './score-calibration';

/** A small deterministic generator (Steele et al., SplitMix). */
function randomSource(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let value = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    value = Math.imul(value ^ (value >>> 15), 0x735a2d97);
    return ((value ^ (value >>> 15)) >>> 0) / 2 ** 32;
  };
}

describe('ScoreCalibration', () => {
  const calibration = ScoreCalibration.of([1, 2, 2, 3], 1);

  it('counts a tie against the window', () => {
    expect(calibration.pValueOf(2)).toBeCloseTo(4 / 5);
    expect(calibration.pValueOf(3)).toBeCloseTo(2 / 5);
    expect(calibration.pValueOf(0)).toBe(1);
  });

  it('falls below 1 / (n + 1) beyond the largest score, but not below its square', () => {
    expect(calibration.pValueOf(3.5)).toBeLessThan(1 / 5);
    expect(calibration.pValueOf(1e9)).toBeCloseTo(1 / 25);
  });

  it('never rises with the score', () => {
    let last = 1;
    for (let score = 0; score < 10; score += 0.1) {
      const pValue = calibration.pValueOf(score);
      expect(pValue).toBeLessThanOrEqual(last);
      last = pValue;
    }
  });

  it('leaves a score of its own out', () => {
    const others = ScoreCalibration.of([1, 2, 3], 1);
    expect(calibration.pValueWithout(2)).toBeCloseTo(others.pValueOf(2));
    const withoutLargest = ScoreCalibration.of([1, 2, 2], 1);
    expect(calibration.pValueWithout(3)).toBeCloseTo(withoutLargest.pValueOf(3));
  });

  it('gives a window like all others a p-value of 1', () => {
    const constant = ScoreCalibration.of(new Array<number>(50).fill(7), 1);
    expect(constant.pValueOf(7)).toBe(1);
    expect(constant.pValueOf(8)).toBeLessThan(1 / 51);
  });

  it('reckons with windows that were left out for being large', () => {
    const censored = ScoreCalibration.of([1, 2, 2, 3], 1, 5);
    expect(censored.pValueOf(3)).toBeCloseTo(7 / 10);
    expect(censored.pValueOf(3.0001)).toBeCloseTo(6 / 10, 3);
  });

  it.each([
    ['exponential', (u: number) => -Math.log(u)],
    ['normal', (u: number, v: number) => Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v)],
    ['uniform', (u: number) => u],
    [
      'log-normal',
      (u: number, v: number) =>
        Math.exp(0.5 * Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v)),
    ],
  ])('flags at most 1.5 times the budget of %s scores, far beyond 1 / n', (_name, draw) => {
    const random = randomSource(7);
    const next = (): number => draw(random() || 0.5, random());
    const budget = 0.001;
    let flagged = 0;
    let judged = 0;
    for (let repeat = 0; repeat < 200; repeat++) {
      const scores = Array.from({ length: 200 }, next);
      const small = ScoreCalibration.of(scores, 1e-6);
      for (let window = 0; window < 500; window++) {
        judged++;
        if (small.pValueOf(next()) <= budget) flagged++;
      }
    }
    expect(flagged / judged).toBeLessThanOrEqual(1.5 * budget);
  });

  it('survives a snapshot', () => {
    const copy = ScoreCalibration.restore(calibration.snapshot());
    for (const score of [0, 1, 2, 2.5, 3, 4, 40]) {
      expect(copy.pValueOf(score)).toBe(calibration.pValueOf(score));
    }
  });
});
