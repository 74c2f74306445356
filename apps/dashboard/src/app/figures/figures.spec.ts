import { describe, expect, it } from 'vitest';
import {
  formatAge,
  formatBytes,
  formatDuration,
  formatMeasure,
  formatPValue,
  formatShare,
} from './figures';

describe('formatShare', () => {
  it.each([
    [0.62, '62 %'],
    [0.2, '20 %'],
    [0.0004, '0.04 %'],
    [0.00000001, '< 0.01 %'],
    [0, '0 %'],
    [0.035, '3.5 %'],
    [0.992, '99.2 %'],
    [0.99996, '99.9 %'],
    [1, '100 %'],
  ])('writes %d as %s', (share, text) => expect(formatShare(share)).toBe(text));
});

describe('formatPValue', () => {
  it.each([
    [0.05, '0.05'],
    [0.0012, '0.0012'],
    [0.00031, '3 × 10⁻⁴'],
    [1e-12, '10⁻¹²'],
    [0, '0'],
    [1, '1'],
  ])('writes %d as %s', (pValue, text) => expect(formatPValue(pValue)).toBe(text));
});

describe('formatDuration', () => {
  it.each([
    [-3, '0 ms'],
    [250, '250 ms'],
    [1_400, '1.4 s'],
    [59_000, '59 s'],
    [60_000, '1 min'],
    [94_000, '1 min 34 s'],
    [3_600_000, '1 h'],
    [90_000_000, '1 d 1 h'],
  ])('writes %d ms as %s', (ms, text) => expect(formatDuration(ms)).toBe(text));
});

describe('formatAge', () => {
  it('is "now" for the present and for a clock that is ahead', () => {
    expect(formatAge(1_000, 3_000)).toBe('now');
    expect(formatAge(9_000, 3_000)).toBe('now');
  });

  it('counts in the largest unit', () => {
    expect(formatAge(0, 42_000)).toBe('42 s ago');
    expect(formatAge(0, 7_300_000)).toBe('2 h ago');
  });
});

describe('formatMeasure and formatBytes', () => {
  it('keeps three figures and groups thousands', () => {
    expect(formatMeasure(0.12345)).toBe('0.123');
    expect(formatMeasure(51_234.6)).toBe('51,235');
    expect(formatMeasure(NaN)).toBe('–');
    expect(formatBytes(1_703_421)).toBe('1.7 MB');
    expect(formatBytes(0)).toBe('0 B');
  });
});
