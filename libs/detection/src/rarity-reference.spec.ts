import { describe, expect, it } from 'vitest';
import { RarityReference } from './rarity-reference';
import { profileOf } from './window-profile';

const window = (...tokens: number[]) => profileOf(Int32Array.from(tokens));

/** 98 windows of 4 and 5, one of 4 alone, one with a 6. */
function reference(): RarityReference {
  const rarity = new RarityReference(100, 16);
  for (let count = 0; count < 98; count++) rarity.enter(window(4, 5));
  rarity.enter(window(4));
  rarity.enter(window(4, 5, 6));
  return rarity;
}

describe('RarityReference', () => {
  it('is 0 while it is empty', () => {
    expect(new RarityReference(10, 8).rarityOf(window(4))).toBe(0);
  });

  it('finds a window of the usual keys common', () => {
    expect(reference().rarityOf(window(4, 5))).toBeCloseTo(-Math.log(100 / 101));
  });

  it('measures the rarest presence', () => {
    expect(reference().rarityOf(window(4, 5, 6))).toBeCloseTo(-Math.log(2 / 101));
    expect(reference().rarityOf(window(4, 5, 7))).toBeCloseTo(-Math.log(1 / 101));
  });

  it('measures the rarest absence', () => {
    expect(reference().rarityOf(window(4))).toBeCloseTo(-Math.log(2 / 101));
    expect(reference().rarityOf(window(5))).toBeCloseTo(-Math.log(1 / 101));
  });

  it('does not let a window vouch for itself', () => {
    expect(reference().rarityOf(window(4, 5, 6), 1)).toBeCloseTo(-Math.log(1 / 100));
  });

  it('agrees with a count over all windows and keys', () => {
    const windows = Array.from({ length: 300 }, (_, index) =>
      Int32Array.from([4, 5, 6 + (index % 3), 9 + ((index * 7) % 5)]),
    );
    const rarity = new RarityReference(120, 16);
    for (const tokens of windows) rarity.enter(profileOf(tokens));
    const recent = windows.slice(-120).map((tokens) => new Set(tokens));
    for (const tokens of [[4, 5, 6, 9], [4], [15], [5, 8, 13, 14]]) {
      const own = new Set(tokens);
      let agreeing = recent.length;
      for (let key = 4; key < 16; key++) {
        const having = recent.filter((other) => other.has(key)).length;
        if (own.has(key)) agreeing = Math.min(agreeing, having);
        else if (2 * having >= recent.length) agreeing = Math.min(agreeing, recent.length - having);
      }
      expect(rarity.rarityOf(window(...tokens))).toBeCloseTo(-Math.log((agreeing + 1) / 121));
    }
  });

  it('forgets the oldest window when it is full', () => {
    const rarity = new RarityReference(2, 8);
    for (const key of [4, 5, 6]) rarity.enter(window(key));
    expect(rarity.windows).toBe(2);
    expect(rarity.shareOf(4)).toBe(0);
    expect(rarity.shareOf(6)).toBe(0.5);
  });

  it('makes a new normal normal by being frequent', () => {
    const rarity = reference();
    const before = rarity.rarityOf(window(4, 5, 7));
    for (let count = 0; count < 50; count++) rarity.enter(window(4, 5, 7));
    expect(before).toBeGreaterThan(4);
    expect(rarity.rarityOf(window(4, 5, 7))).toBeLessThan(1);
  });

  it('names odd tokens with the share of windows that have them', () => {
    expect(reference().oddTokens(window(4, 6), 0.05)).toEqual([
      { token: 5, share: 0.99, isMissing: true },
      { token: 6, share: 0.01, isMissing: false },
    ]);
  });

  it('survives a snapshot', () => {
    const rarity = new RarityReference(3, 8);
    for (const key of [4, 5, 6, 5]) rarity.enter(window(key));
    const copy = new RarityReference(3, 8);
    copy.resume(rarity.snapshot());
    expect(copy.snapshot()).toEqual(rarity.snapshot());
    expect(copy.rarityOf(window(5))).toBe(rarity.rarityOf(window(5)));
  });
});
