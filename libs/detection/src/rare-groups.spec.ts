import { describe, expect, it } from 'vitest';
import { rareGroups, rareWindows } from './rare-groups';
import { contaminatedWindows, trimContaminated } from './trim-contaminated';

/** Numbers in [0, 1) that are always the same (Park & Miller). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 0x7fffffff) / 0x7fffffff;
}

/** The rule of `rareWindows` as it reads, window by window, with lists of all windows for every question. */
function plainlyRare(windows: readonly Int32Array[], maxShare: number): readonly boolean[] {
  const isRare = windows.map(() => false);
  const room = Math.floor(windows.length * maxShare);
  const goneOf = (): number => isRare.filter(Boolean).length;
  for (let pass = 0; pass < 5 && goneOf() < room; pass++) {
    const left = windows.filter((_, index) => !isRare[index]);
    const shareOf = (key: number, among: readonly Int32Array[], isMissing: boolean): number =>
      among.filter((window) => window.includes(key) !== isMissing).length;
    const contextsOf = (window: Int32Array): readonly (readonly Int32Array[])[] => {
      const route = left.filter((other) => other[0] === window[0]);
      const alike = [...new Set(window)].map((key) => left.filter((w) => w.includes(key)));
      return [
        ...(route.length >= 0.005 * left.length ? [route] : []),
        ...alike.filter(({ length }) => length >= 0.05 * left.length),
      ];
    };
    const everyKey = [...new Set(left.flatMap((window) => [...window]))];
    const agreementOf = (window: Int32Array): number => {
      let agreement = left.length;
      for (const key of everyKey) {
        const isMissing = !window.includes(key);
        const own = shareOf(key, left, isMissing);
        if (isMissing && 2 * (left.length - own) < left.length) continue;
        if (own > 0.02 * left.length || own >= agreement) continue;
        const isExplained = contextsOf(window).some(
          (context) => shareOf(key, context, isMissing) >= 0.04 * context.length,
        );
        if (!isExplained) agreement = own;
      }
      return agreement;
    };
    const known = new Map<string, number>();
    const agreements = windows.map((window, index) => {
      if (isRare[index]) return Infinity;
      const name = `${window[0]}:${[...new Set(window)].sort().join()}`;
      const agreement = known.get(name) ?? agreementOf(window);
      known.set(name, agreement);
      return agreement <= 0.02 * left.length ? agreement : Infinity;
    });
    const suspected = agreements.filter(Number.isFinite);
    if (suspected.length === 0) break;
    if (pass === 0 && suspected.length <= 0.005 * windows.length) break;
    if (goneOf() + suspected.length > 1.1 * maxShare * windows.length) break;
    const before = goneOf();
    for (const rarest of [...new Set(suspected)].sort((a, b) => a - b)) {
      const equal = [...agreements.keys()].filter((index) => agreements[index] === rarest);
      if (goneOf() + equal.length > room) break;
      for (const index of equal) isRare[index] = true;
    }
    if (goneOf() === before) break;
  }
  return isRare;
}

/** Requests of a few routes with branches, and anomalies of several kinds among them, `share` of all together. */
function traffic(seed: number, count: number, share: number): readonly Int32Array[] {
  const random = numbers(seed);
  const pick = (from: number, keys: number): number => from + Math.floor(keys * random());
  return Array.from({ length: count }, () => {
    if (random() < share) {
      const kind = Math.floor(4 * random());
      if (kind === 0) return Int32Array.of(4, 9, 9, 9);
      if (kind === 1) return Int32Array.of(4);
      if (kind === 2) return Int32Array.of(4, 6, 5, pick(30, 3));
      return Int32Array.of(pick(4, 12), pick(4, 30));
    }
    if (random() < 0.03) return Int32Array.of(20, 21, 22, pick(22, 2));
    if (random() < 0.1) return Int32Array.of(4, 10, random() < 0.1 ? 11 : 12, 10);
    return Int32Array.of(4, 5, pick(6, 3), 5, pick(6, 3));
  });
}

/** Distinct windows with how often each came. */
function counted(windows: readonly Int32Array[]) {
  const counts = new Map<string, { tokens: Int32Array; times: number; ids: number[] }>();
  for (const [id, tokens] of windows.entries()) {
    const entry = counts.get(tokens.join()) ?? { tokens, times: 0, ids: [] };
    entry.times++;
    entry.ids.push(id);
    counts.set(tokens.join(), entry);
  }
  return [...counts.values()];
}

const cases = [0, 0.004, 0.02, 0.04, 0.05, 0.2].flatMap((share, index) =>
  [0.03, 0.05, 0.3].map((maxShare) => ({ share, maxShare, seed: 7 + index })),
);

describe('rareWindows', () => {
  it.each(cases)('follows its rule with $share anomalies of which $maxShare may go', (it) => {
    const windows = traffic(it.seed, 500, it.share);
    const { trimmed } = trimContaminated(windows, it.maxShare);
    const plain = plainlyRare(windows, it.maxShare);
    expect(trimmed).toEqual([...windows.keys()].filter((index) => plain[index]));
  });

  it.each(cases)('answers for distinct windows as for all of them: $share, $maxShare', (it) => {
    const windows = traffic(it.seed, 4_000, it.share);
    const distinct = counted(windows);
    const isRare = contaminatedWindows(
      {
        size: distinct.length,
        tokensOf: (index) => distinct[index]?.tokens ?? [],
        windowsOf: (index) => distinct[index]?.times ?? 0,
      },
      it.maxShare,
    );
    const rare = distinct.flatMap(({ ids }, index) => (isRare[index] === 1 ? ids : []));
    expect(rare.sort((a, b) => a - b)).toEqual(trimContaminated(windows, it.maxShare).trimmed);
  });

  it('leaves something out in some of these cases and nothing in others', () => {
    const trimmed = cases.map(
      (it) => trimContaminated(traffic(it.seed, 4_000, it.share), it.maxShare).trimmed.length,
    );
    expect(trimmed.some((count) => count === 0)).toBe(true);
    expect(trimmed.filter((count) => count > 0).length).toBeGreaterThan(3);
  });

  it('takes no account of windows that did not occur', () => {
    const windows = traffic(9, 2_000, 0.02);
    const withOthers = [...windows, ...traffic(10, 2_000, 0.5)];
    const isRare = contaminatedWindows(
      {
        size: withOthers.length,
        tokensOf: (index) => withOthers[index] ?? [],
        windowsOf: (index) => (index < windows.length ? 1 : 0),
      },
      0.05,
    );
    const rare = [...isRare.keys()].filter((index) => isRare[index] === 1);
    expect(rare).toEqual(trimContaminated(windows, 0.05).trimmed);
    expect(rare.length).toBeGreaterThan(0);
  });

  it('is empty of no windows', () => {
    expect(rareGroups([], 0.05, 1)).toEqual([]);
    const none = { size: 0, tokensOf: () => [], firstOf: () => -1, windowsOf: () => 0 };
    expect(rareWindows(none, 0.05, 1)).toHaveLength(0);
  });
});
