import { describe, expect, it } from 'vitest';
import { FastClocks } from './fast-clocks';

const ahead = (aheadMs: number) => ({ timestampMs: 1e12 + aheadMs, receivedAtMs: 1e12 });

describe('FastClocks', () => {
  it('bears lines that are a little ahead, and those that are behind however far', () => {
    const clocks = new FastClocks();
    for (const aheadMs of [0, 29_000, -1e9, 30_000, -1]) {
      expect(clocks.isFast(ahead(aheadMs))).toBe(false);
    }
  });

  it('knows the lines of a few that are further ahead than the others', () => {
    const clocks = new FastClocks();
    for (let line = 0; line < 1_000; line++) {
      expect(clocks.isFast(ahead(line % 3 === 0 ? 120_000 : 40))).toBe(line % 3 === 0);
    }
  });

  it('takes for right what most lines say, up to five minutes', () => {
    const clocks = new FastClocks();
    for (let line = 0; line < 200; line++) clocks.isFast(ahead(120_000));
    expect(clocks.isFast(ahead(120_000))).toBe(false);
    expect(new FastClocks(clocks.snapshot()).isFast(ahead(120_000))).toBe(false);
    for (let line = 0; line < 1_000; line++) {
      expect(clocks.isFast(ahead(300_001))).toBe(true);
    }
    for (let line = 0; line < 1_000; line++) clocks.isFast(ahead(0));
    expect(clocks.isFast(ahead(120_000))).toBe(true);
  });
});
