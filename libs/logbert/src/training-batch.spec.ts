import { describe, expect, it } from 'vitest';
import { seededRandom } from './seeded-random';
import { maskedCount, TrainingBatch } from './training-batch';

describe('maskedCount', () => {
  it.each([
    [1, 0.3, 1],
    [2, 0.3, 1],
    [10, 0.3, 3],
    [10, 0.99, 10],
  ])('of %i lines at ratio %f masks %i', (length, ratio, expected) => {
    expect(maskedCount(length, ratio)).toBe(expected);
  });
});

describe('TrainingBatch', () => {
  const shape = { batch: 3, length: 11, masked: 3 };
  const samples = [
    { tokens: Int32Array.from({ length: 10 }, (_, i) => 4 + i), weight: 1 },
    { tokens: Int32Array.of(7), weight: 4 },
  ];
  const filled = (seed: number) => {
    const batch = new TrainingBatch(shape, 20, 0.3, 2.5);
    batch.fill(samples, seededRandom(seed));
    return batch;
  };
  const numbers = (batch: TrainingBatch, name: string) =>
    Array.from(batch.feeds[name]?.data ?? [], Number);

  /** The masked lines that count: where they stand, which class is wanted, and how much they weigh. */
  const maskedLines = (batch: TrainingBatch, windows: number) => {
    const [asked, targets] = [numbers(batch, 'asked'), numbers(batch, 'targets')];
    return numbers(batch, 'weights').flatMap((weight, at) => {
      const place = asked[windows + at] ?? NaN;
      const token = (targets[at] ?? NaN) + 3;
      const [time, window] = [Math.floor(place / windows), place % windows];
      return weight > 0 ? [{ window, time, token, weight }] : [];
    });
  };

  it('begins every column with [DIST], pads the rest, and lets attention see no padding', () => {
    const batch = filled(1);
    const tokens = numbers(batch, 'tokens');
    expect(tokens.slice(0, 3)).toEqual([1, 1, 1]);
    const second = tokens.filter((_token, at) => at % 3 === 1);
    expect(second.slice(2)).toEqual(new Array(9).fill(0));
    const padding = numbers(batch, 'padding');
    for (const [at, penalty] of padding.entries()) {
      const [window, time] = [Math.floor(at / 11), at % 11];
      expect(penalty < 0).toBe(tokens[time * 3 + window] === 0);
    }
    expect(batch.positions).toBe(13);
  });

  it('asks for the true classes of the masked lines, weighted by their windows', () => {
    const batch = filled(2);
    const lines = maskedLines(batch, 3);
    for (const { window, time, token } of lines) {
      expect(token).toBe(samples[window]?.tokens[time - 1]);
    }
    expect(batch.weight).toBe(7);
    const weights = lines.map(({ window, weight }) => `${window}: ${weight.toFixed(4)}`);
    expect(weights.sort()).toEqual(['0: 0.1000', '0: 0.1000', '0: 0.1000', '1: 0.4000']);
    // Four masked lines of mean weight 2.5 stand against their own seven.
    expect(batch.lossScale).toBeCloseTo(10 / 7);
  });

  it('asks for [DIST] of every window first, and again where it masks fewer lines', () => {
    const asked = numbers(filled(2), 'asked');
    expect(asked.slice(0, 3)).toEqual([0, 1, 2]);
    expect(asked.map((place) => place % 3)).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2]);
    expect(asked.filter((place) => place === 1)).toHaveLength(3);
  });

  it('shows about 80 % of the masked lines as the mask, 10 % as another token, 10 % as they are', () => {
    const batch = new TrainingBatch({ batch: 1, length: 401, masked: 400 }, 1_000, 1, 1);
    batch.fill([{ tokens: new Int32Array(400).fill(999), weight: 1 }], seededRandom(3));
    const shown = numbers(batch, 'tokens').slice(1);
    const share = (is: (token: number) => boolean) => shown.filter(is).length / 400;
    expect(share((token) => token === 2)).toBeCloseTo(0.8, 1);
    expect(share((token) => token === 999)).toBeCloseTo(0.1, 1);
    expect(shown.every((token) => token >= 2 && token < 1_000)).toBe(true);
  });

  it('masks an evenly drawn share of each window when the ratio has two ends', () => {
    const [windows, length] = [400, 21];
    const shape = { batch: windows, length, masked: maskedCount(20, 0.6) };
    const batch = new TrainingBatch(shape, 1_000, { from: 0.2, to: 0.6 }, 1);
    const sample = { tokens: new Int32Array(20).fill(999), weight: 1 };
    batch.fill(new Array<typeof sample>(windows).fill(sample), seededRandom(4));
    const counts = new Array<number>(windows).fill(0);
    for (const { window } of maskedLines(batch, windows)) {
      counts[window] = (counts[window] ?? 0) + 1;
    }
    expect(Math.min(...counts)).toBe(4);
    expect(Math.max(...counts)).toBe(12);
    const mean = counts.reduce((sum, count) => sum + count, 0) / windows;
    expect(mean / 20).toBeCloseTo(0.4, 1);
  });

  describe('of windows that ended by themselves', () => {
    const [windows, end] = [2_000, 1_000];
    const lines = [4, 5, 6, 7, 8, 9, 10, 11, 12, 13];
    const length = lines.length + 2;
    const shape = { batch: windows, length, masked: 3 };
    const batch = new TrainingBatch(shape, end, 0.3, 1);
    const sample = { tokens: Int32Array.of(...lines, end), weight: 1 };
    batch.fill(new Array<typeof sample>(windows).fill(sample), seededRandom(7));
    const byTime = numbers(batch, 'tokens');
    // Window by window, as the windows were given.
    const tokens = Array.from({ length: windows * length }, (_, at) => {
      const [window, time] = [Math.floor(at / length), at % length];
      return byTime[time * windows + window] ?? NaN;
    });
    const asked = new Map(
      maskedLines(batch, windows).map(({ window, time, token }) => [window * length + time, token]),
    );
    const shownOf = (row: number): number => {
      const padding = tokens.slice(row * length, (row + 1) * length).indexOf(0);
      return (padding < 0 ? length : padding) - 2;
    };
    const all = Array.from({ length: windows }, (_, row) => row);
    const isAsked = (row: number): boolean => asked.has(row * length + 1 + shownOf(row));
    const broken = all.filter((row) => shownOf(row) < lines.length);
    const whole = all.filter((row) => shownOf(row) === lines.length && isAsked(row));

    it('asks a quarter for the end and a quarter, broken off, for the next line', () => {
      expect(broken.length / windows).toBeCloseTo(0.25, 1);
      expect(whole.length / windows).toBeCloseTo(0.25, 1);
      for (const row of whole) expect(asked.get(row * length + 1 + lines.length)).toBe(end);
      for (const row of broken) {
        expect(shownOf(row)).toBeGreaterThanOrEqual(1);
        expect(asked.get(row * length + 1 + shownOf(row))).toBe(lines[shownOf(row)]);
      }
    });

    it('shows all lines of about half of them', () => {
      const isClear = (row: number): boolean =>
        ![...asked.keys()].some(
          (at) => Math.floor(at / length) === row && at !== row * length + 1 + shownOf(row),
        );
      const clear = [...broken, ...whole].filter(isClear).length;
      expect(clear / (broken.length + whole.length)).toBeGreaterThan(0.45);
      expect(clear / (broken.length + whole.length)).toBeLessThan(0.65);
    });

    it('never masks the end among the lines, and shows it to the others', () => {
      for (const row of all.filter((other) => !isAsked(other))) {
        expect(tokens[row * length + 1 + lines.length]).toBe(end);
      }
    });
  });

  it('gives the same batch for the same seed and another for another', () => {
    expect(numbers(filled(5), 'asked')).toEqual(numbers(filled(5), 'asked'));
    expect(numbers(filled(5), 'asked')).not.toEqual(numbers(filled(6), 'asked'));
  });
});
