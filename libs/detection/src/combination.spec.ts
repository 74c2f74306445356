import { describe, expect, it } from 'vitest';
import type { WindowChannel } from './channel-scores';
import { besideOrderAlone, cauchyCombination, fisherStatistic } from './combination';
import { seeded } from './seeded';

describe('fisherStatistic', () => {
  it('adds the evidence of the channels', () => {
    expect(
      fisherStatistic(
        new Map([
          ['rarity', 0.1],
          ['ngram', 0.01],
        ]),
      ),
    ).toBeCloseTo(Math.log(1_000));
  });

  it('counts a key that is rare and novel once where the set of keys speaks, too', () => {
    const window: [WindowChannel, number][] = [['rarity', 0.01]];
    const long: [WindowChannel, number][] = [...window, ['key-set', 1]];
    const statisticOf = (channels: [WindowChannel, number][], novelty: number): number =>
      fisherStatistic(new Map([...channels, ['novelty', novelty]]));
    expect(statisticOf(long, 0.1)).toBe(statisticOf(long, 1));
    expect(statisticOf(long, 0.001)).toBeGreaterThan(statisticOf(long, 1));
    expect(statisticOf(window, 0.1)).toBeGreaterThan(statisticOf(window, 1));
  });

  it('gives a set of keys its own weight, and counts half of theirs beside it', () => {
    const counts: [WindowChannel, number][] = [['count-vector', 0.01]];
    const alone = fisherStatistic(new Map(counts));
    expect(fisherStatistic(new Map([...counts, ['key-set', 1]]))).toBeCloseTo(alone / 2);
  });

  it('lets the model speak by its mean, not by the most surprising of many lines, beside a set of keys', () => {
    const statisticOf = (channel: WindowChannel, ...others: [WindowChannel, number][]): number =>
      fisherStatistic(new Map([[channel, 0.01], ...others]));
    for (const channel of ['surprise-max', 'surprise-top3', 'presence'] as const) {
      expect(statisticOf(channel)).toBeGreaterThan(0);
      expect(statisticOf(channel, ['key-set', 1])).toBe(0);
    }
    expect(statisticOf('surprise-mean', ['key-set', 1])).toBeGreaterThan(
      statisticOf('surprise-mean'),
    );
  });

  it('is 0 without a channel', () => {
    expect(fisherStatistic(new Map())).toBe(0);
  });

  it('does not let entropy speak louder than the rest', () => {
    expect(
      fisherStatistic(
        new Map([
          ['entropy', 1e-9],
          ['rarity', 1],
        ]),
      ),
    ).toBe(0);
  });
});

describe('cauchyCombination', () => {
  it('leaves two equal p-values as they are', () => {
    for (const p of [0.9, 0.5, 0.05, 1e-3, 1e-9, 1e-15]) {
      expect(cauchyCombination(p, p) / p).toBeCloseTo(1, 6);
    }
  });

  it('doubles a small one beside one that says nothing', () => {
    expect(cauchyCombination(1e-4, 0.5) / 1e-4).toBeCloseTo(2, 3);
    expect(cauchyCombination(1e-12, 0.5) / 1e-12).toBeCloseTo(2, 3);
  });

  it('is monotone, symmetric and inside (0, 1]', () => {
    expect(cauchyCombination(1, 1)).toBeLessThanOrEqual(1);
    expect(cauchyCombination(Number.MIN_VALUE, 1)).toBeGreaterThan(0);
    expect(cauchyCombination(0.3, 0.01)).toBe(cauchyCombination(0.01, 0.3));
    expect(cauchyCombination(0.01, 0.2)).toBeLessThan(cauchyCombination(0.02, 0.2));
  });
});

describe('besideOrderAlone', () => {
  const long = (ngram: number): ReadonlyMap<WindowChannel, number> =>
    new Map([
      ['ngram', ngram],
      ['key-set', 1],
    ]);

  it('tells an order that nothing else agrees with', () => {
    expect(besideOrderAlone(0.02, long(1e-5), 0)).toBeLessThan(0.001);
    expect(besideOrderAlone(0.5, long(0.001), 0)).toBeGreaterThan(0.005);
  });

  it('costs a sixth where order sees nothing, at every budget', () => {
    for (const p of [0.2, 0.05, 1e-3, 1e-6, 1e-12]) {
      expect(besideOrderAlone(p, long(1), 0) / p).toBeCloseTo(1.2, 10);
    }
  });

  it('keeps within the budget whatever order and the rest have to do with one another', () => {
    const random = seeded(3);
    const orders = [random, (combined: number) => combined, (combined: number) => 1 - combined];
    for (const orderBeside of orders) {
      let flagged = 0;
      for (let window = 0; window < 100_000; window++) {
        const combined = random();
        if (besideOrderAlone(combined, long(orderBeside(combined)), 0) <= 0.05) flagged++;
      }
      expect(flagged / 100_000).toBeLessThan(1.1 * 0.05);
    }
  });

  it('reckons what was left out of the calibration as odder in order', () => {
    expect(besideOrderAlone(0.02, long(1e-5), 14)).toBeCloseTo(1.2 * 7.5e-4, 10);
    expect(besideOrderAlone(1e-4, long(1e-5), 14)).toBeCloseTo(1.2e-4, 10);
  });

  it('changes nothing where no set of keys speaks', () => {
    expect(besideOrderAlone(0.02, new Map([['ngram', 1e-9]]), 0)).toBe(0.02);
  });
});
