import { describe, expect, it } from 'vitest';
import { calibrate } from './calibrate';
import { ConformalDetector } from './conformal-detector';
import { DriftGauge } from './drift-gauge';
import { NonFiniteScoreFailure, SnapshotFailure } from './detection-failures';
import type { ScoredWindow } from './scored-window';

const VOCABULARY = 32;

function randomSource(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return (state >>> 0) / 2 ** 32;
  };
}

/** A request: begin 4, a few reads 5 or 6, sometimes a cache line 9, commit 7, end 8. */
function session(random: () => number): number[] {
  const reads = Array.from({ length: 1 + Math.floor(random() * 4) }, () =>
    random() < 0.6 ? 5 : 6,
  );
  return [4, ...reads, ...(random() < 0.3 ? [9] : []), 7, 8];
}

function scored(tokens: readonly number[], random?: () => number): ScoredWindow {
  return {
    tokens: Int32Array.from(tokens),
    novelLines: tokens.filter((token) => token === 3).length,
    score: random && {
      surprise: Float32Array.from(tokens, () => 0.5 + random()),
      entropy: Float32Array.from(tokens, () => 0.4 + 0.2 * random()),
      distance: 0.1 + 0.02 * random(),
    },
  };
}

function snapshotOf(options: { withModel: boolean; windows?: number }) {
  const random = randomSource(5);
  const size = options.windows ?? 300;
  return calibrate({
    training: Array.from({ length: 2 * size }, () => Int32Array.from(session(random))),
    calibration: Array.from({ length: size }, () =>
      scored(session(random), options.withModel ? random : undefined),
    ),
    vocabularySize: VOCABULARY,
    alertBudget: 0.001,
  });
}

const restore = (snapshot: unknown, drift?: DriftGauge) =>
  ConformalDetector.restore(snapshot, { alertBudget: 0.001, drift });

describe('ConformalDetector', () => {
  const snapshot = snapshotOf({ withModel: true });

  it('keeps the alert budget on normal windows', () => {
    for (const withModel of [true, false]) {
      const detector = restore(snapshotOf({ withModel }));
      const random = randomSource(99);
      let flagged = 0;
      for (let window = 0; window < 10_000; window++) {
        const verdict = detector.judge(scored(session(random), withModel ? random : undefined));
        if (verdict.isAnomaly) flagged++;
      }
      expect(flagged).toBeLessThanOrEqual(15);
    }
  });

  it.each([
    { before: 600, alertBudget: 0.001 },
    { before: 4_500, alertBudget: 0.0002 },
  ])(
    'does not take back the only window of its order among $before at a budget of $alertBudget',
    ({ before, alertBudget }) => {
      const detector = ConformalDetector.restore(snapshotOf({ withModel: true, windows: 3_000 }), {
        alertBudget,
      });
      const random = randomSource(99);
      const judgeUsual = (windows: number) => {
        for (let window = 0; window < windows; window++) {
          detector.judge(scored(session(random), random));
        }
      };
      judgeUsual(before);
      const odd = scored([8, 7, 9, 8, 7, 5, 4, 5, 4, 7, 5], random);
      expect(detector.judge(odd).isAnomaly).toBe(true);
      judgeUsual(60);
      const settled = detector.takeSettled().find(({ window }) => window === odd);
      expect(settled?.verdict.isAnomaly).toBe(true);
    },
  );

  it('finds a missing step and names it', () => {
    const verdict = restore(snapshot).judge(scored([4, 5, 5, 8]));
    expect(verdict.isAnomaly).toBe(true);
    expect(verdict.missing[0]).toMatchObject({ token: 7 });
    expect(verdict.missing[0]?.share).toBeGreaterThan(0.99);
    expect(verdict.abnormalPositions).toContain(3);
  });

  it('finds lines that were never seen and points at them', () => {
    const verdict = restore(snapshot).judge(scored([4, 5, 3, 3, 7, 8]));
    expect(verdict.isAnomaly).toBe(true);
    expect(verdict.abnormalPositions).toEqual(expect.arrayContaining([2, 3]));
    expect(verdict.unusual[0]).toEqual({ token: 3, share: 0 });
  });

  it('finds what only the model sees', () => {
    const random = randomSource(3);
    const window = scored([4, 5, 6, 7, 8], random);
    const surprise = Float32Array.of(0.7, 9, 14, 16, 0.6);
    const odd = {
      ...window,
      score: { surprise, entropy: Float32Array.of(1, 1, 1, 1, 1), distance: 0.4 },
    };
    const verdict = restore(snapshotOf({ withModel: true, windows: 1_000 })).judge(odd);
    expect(verdict.isAnomaly).toBe(true);
    expect(verdict.deciding).toMatch(/^surprise/);
    expect(verdict.abnormalPositions).toEqual([1, 2, 3]);
  });

  it('says that the end came unexpectedly', () => {
    const detector = restore(snapshotOf({ withModel: true, windows: 1_000 }));
    const random = randomSource(3);
    const endOf = (tokens: readonly number[], endSurprise: number) => {
      const window = scored(tokens, random);
      return { ...window, score: window.score && { ...window.score, endSurprise } };
    };
    const broken = detector.inspect(endOf([4, 5, 6], 14));
    expect(broken).toMatchObject({ isAnomaly: true, isEndUnexpected: true });
    expect(broken.missing.map(({ token }) => token).sort()).toEqual([7, 8]);
    expect(detector.inspect(endOf([4, 5, 6], 0.1)).isEndUnexpected).toBe(false);
    expect(detector.inspect(endOf([4, 5, 7, 8], 14)).isEndUnexpected).toBe(false);
  });

  it('judges without a model what a calibration with one knows', () => {
    const verdict = restore(snapshot).judge(scored([4, 5, 5, 8]));
    expect(verdict.channels.map(({ channel }) => channel)).toEqual([
      'rarity',
      'count-vector',
      'ngram',
      'novelty',
    ]);
  });

  it('compares the sets of keys of long windows, and of no others', () => {
    const random = randomSource(11);
    const loop = (): number[] => Array.from({ length: 20 }, () => session(random)).flat();
    const detector = restore(
      calibrate({
        training: Array.from({ length: 300 }, () => Int32Array.from(loop())),
        calibration: Array.from({ length: 100 }, () => scored(loop())),
        vocabularySize: VOCABULARY,
        alertBudget: 0.01,
      }),
    );
    const channelsOf = (tokens: readonly number[]) =>
      detector.inspect(scored(tokens)).channels.map(({ channel }) => channel);
    expect(channelsOf(loop())).toContain('key-set');
    expect(channelsOf(session(random))).not.toContain('key-set');
    const odd = detector.inspect(scored([...loop(), 20, 21, 22]));
    expect(odd.channels.find(({ channel }) => channel === 'key-set')?.pValue).toBeLessThan(0.01);
  });

  it('finds two steps swapped among a hundred lines by their order', () => {
    const random = randomSource(11);
    const job = (): number[] => Array.from({ length: 25 }, () => session(random)).flat();
    const detector = restore(
      calibrate({
        training: Array.from({ length: 600 }, () => Int32Array.from(job())),
        calibration: Array.from({ length: 300 }, () => scored(job(), random)),
        vocabularySize: VOCABULARY,
        alertBudget: 0.001,
      }),
    );
    let found = 0;
    for (let fault = 0; fault < 20; fault++) {
      const tokens = job();
      const commit = tokens.indexOf(7, 20 + Math.floor(random() * 60));
      [tokens[commit], tokens[commit + 1]] = [8, 7];
      const { isAnomaly, deciding } = detector.inspect(scored(tokens, random));
      if (isAnomaly && deciding === 'ngram') found++;
    }
    expect(found).toBe(20);
    const flagged = Array.from({ length: 200 }, () => detector.inspect(scored(job(), random)));
    expect(flagged.filter(({ isAnomaly }) => isAnomaly).length).toBeLessThanOrEqual(1);
  });

  it('explains nothing about a normal window', () => {
    const verdict = restore(snapshot).judge(scored([4, 5, 6, 7, 8]));
    expect(verdict).toMatchObject({
      isAnomaly: false,
      missing: [],
      unusual: [],
      abnormalPositions: [],
      isEndUnexpected: false,
    });
  });

  it('works with some hundred windows and a budget below their resolution', () => {
    const detector = restore(snapshotOf({ withModel: false, windows: 60 }));
    expect(detector.judge(scored([4, 3, 3, 3, 8])).isAnomaly).toBe(true);
    expect(detector.judge(scored([4, 5, 7, 8])).isAnomaly).toBe(false);
  });

  it('gives the same verdicts after a snapshot by way of JSON', () => {
    const first = restore(snapshot);
    const random = randomSource(8);
    for (let window = 0; window < 500; window++) first.judge(scored(session(random)));
    const second = restore(JSON.parse(JSON.stringify(first.snapshot())));
    for (const tokens of [[4, 5, 8], [4, 5, 7, 8], [8, 7, 4], [3]]) {
      expect(second.inspect(scored(tokens))).toEqual(first.inspect(scored(tokens)));
    }
  });

  it('stops flagging work that all windows suddenly do, after ten of them', () => {
    const detector = restore(snapshotOf({ withModel: false, windows: 2_000 }));
    const random = randomSource(3);
    for (let window = 0; window < 200; window++) detector.judge(scored(session(random)));
    const flagged = Array.from(
      { length: 200 },
      () => detector.judge(scored([4, 9, 9, 9, 7, 7])).isAnomaly,
    );
    expect(flagged.slice(0, 10)).not.toContain(false);
    expect(flagged.slice(10)).not.toContain(true);
  });

  it('says for as long as it lasts that work is not that of the training, also when it is usual by now', () => {
    const drift = new DriftGauge();
    const detector = restore(snapshotOf({ withModel: false, windows: 2_000 }), drift);
    const random = randomSource(3);
    for (let window = 0; window < 1_000; window++) detector.judge(scored(session(random)));
    expect(drift.share).toBeLessThan(0.15);
    for (let window = 0; window < 500; window++) detector.judge(scored([4, 9, 9, 9, 7, 7]));
    expect(drift.share).toBeGreaterThan(0.95);
    for (let window = 0; window < 500; window++) detector.judge(scored(session(random)));
    expect(drift.share).toBeLessThan(0.15);
  });

  it('goes on flagging lines without a template, however many windows have them', () => {
    const detector = restore(snapshotOf({ withModel: false, windows: 2_000 }));
    const flagged = Array.from(
      { length: 60 },
      () => detector.judge(scored([4, 3, 3, 3, 7, 8])).isAnomaly,
    );
    expect(flagged.filter(Boolean).length).toBe(60);
  });

  it('remembers nothing of a window that is only inspected', () => {
    const detector = restore(snapshot);
    const odd = scored([4, 20, 8]);
    const before = detector.inspect(odd).pValue;
    for (let count = 0; count < 50; count++) detector.inspect(odd);
    expect(detector.inspect(odd).pValue).toBe(before);
  });

  it('calibrates a large group on its own', () => {
    const random = randomSource(1);
    const training = Array.from({ length: 400 }, () => Int32Array.from(session(random)));
    const calibration = Array.from({ length: 1_200 }, (_, index): ScoredWindow =>
      index % 2 === 0
        ? { ...scored(session(random)), group: 'shop' }
        : { ...scored([10, 11, 12]), group: 'batch' },
    );
    const detector = restore(
      calibrate({ training, calibration, vocabularySize: VOCABULARY, alertBudget: 0.001 }),
    );
    const batch = scored([10, 11, 12]);
    expect(detector.inspect({ ...batch, group: 'batch' }).pValue).toBeGreaterThan(0.1);
    expect(detector.inspect({ ...batch, group: 'shop' }).pValue).toBeLessThan(0.01);
  });

  it('copes with windows of one line and with all windows alike', () => {
    const alike = Array.from({ length: 100 }, () => Int32Array.of(4));
    const detector = restore(
      calibrate({
        training: alike,
        calibration: alike.map((tokens) => scored([...tokens])),
        vocabularySize: 8,
        alertBudget: 0.01,
      }),
    );
    expect(detector.judge(scored([4]))).toMatchObject({ isAnomaly: false, pValue: 1 });
    expect(detector.judge(scored([3])).isAnomaly).toBe(true);
  });

  it('refuses what it cannot judge', () => {
    const detector = restore(snapshot);
    expect(() => detector.judge(scored([]))).toThrow(RangeError);
    expect(() => detector.judge(scored([VOCABULARY]))).toThrow(RangeError);
    const score = { surprise: Float32Array.of(NaN), entropy: Float32Array.of(1), distance: 0 };
    expect(() => detector.judge({ ...scored([4]), score })).toThrow(NonFiniteScoreFailure);
  });

  it.each([
    ['nothing', null],
    ['another version', { ...snapshotOf({ withModel: false }), version: 2 }],
    [
      'a token outside the vocabulary',
      (() => {
        const { memory, ...rest } = snapshotOf({ withModel: false });
        return { ...rest, memory: { ...memory, vocabularySize: 5 } };
      })(),
    ],
    [
      'cells that do not fit',
      { ...snapshotOf({ withModel: false }), cells: { groups: ['a'], edges: [] } },
    ],
  ])('refuses a snapshot of %s', (_case, value) => {
    expect(() => restore(value)).toThrow(SnapshotFailure);
  });
});
