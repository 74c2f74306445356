import { describe, expect, it } from 'vitest';
import { calibrate } from './calibrate';
import { ConformalDetector } from './conformal-detector';
import type { ScoredWindow } from './scored-window';
import { seeded } from './seeded';
import { UntrainedDetector } from './untrained-detector';

const NEVER_SEEN = 9;

/** Keys 0 to 5 in order, now and then a 6 in the middle; a 7 in one window of two hundred. */
function windowOf(random: () => number): Int32Array {
  const middle = [...(random() < 0.3 ? [6] : []), ...(random() < 0.005 ? [7] : [])];
  return Int32Array.of(0, 1, 2, ...middle, 3, 4, 5);
}

function detector(): ConformalDetector {
  const random = seeded(5);
  const windows = Array.from({ length: 4_000 }, () => windowOf(random));
  const scored = windows
    .slice(3_000)
    .map((tokens): ScoredWindow => ({ tokens, novelLines: 0, score: undefined }));
  const snapshot = calibrate({
    training: windows.slice(0, 3_000),
    calibration: scored,
    vocabularySize: 10,
    alertBudget: 0.001,
  });
  return ConformalDetector.restore(snapshot, { alertBudget: 0.001 });
}

const linesOf = (tokens: Int32Array, length: number) => ({
  tokens: tokens.subarray(0, length),
  novelLines: tokens.subarray(0, length).filter((token) => token === NEVER_SEEN).length,
});

describe('a window that grows', () => {
  it('becomes odder with every line or stays as odd, and changes nothing that is remembered', () => {
    const judge = detector();
    const before = JSON.stringify(judge.snapshot());
    const random = seeded(8);
    for (let count = 0; count < 200; count++) {
      const normal = [...windowOf(random)];
      normal.splice(Math.floor(random() * normal.length), 0, random() < 0.5 ? NEVER_SEEN : 7);
      const tokens = Int32Array.from(normal);
      let last = 1;
      for (let length = 1; length <= tokens.length; length++) {
        const { pValue } = judge.judgeGrowing(linesOf(tokens, length));
        expect(pValue).toBeLessThanOrEqual(last);
        last = pValue;
      }
    }
    expect(JSON.stringify(judge.snapshot())).toBe(before);
  });

  it('is flagged at a line that nobody has seen, never for what may still come', () => {
    const judge = detector();
    const tokens = Int32Array.of(0, 1, NEVER_SEEN, 2, 3);
    expect(judge.judgeGrowing(linesOf(tokens, 2)).isAnomaly).toBe(false);
    expect(judge.judgeGrowing(linesOf(tokens, 3))).toMatchObject({
      isAnomaly: true,
      missing: [],
      abnormalPositions: [2],
      isEndUnexpected: false,
    });
    expect(judge.isTelling(NEVER_SEEN)).toBe(true);
    expect(judge.isTelling(0)).toBe(false);
  });

  it('is flagged no more when such windows were normal when they were complete', () => {
    const judge = detector();
    const random = seeded(11);
    const odd = Int32Array.of(0, 1, 2, 8, 3, 4, 5);
    expect(judge.judgeGrowing({ tokens: odd, novelLines: 0 }).isAnomaly).toBe(true);
    for (let count = 0; count < 2_000; count++) {
      const tokens = count % 20 === 0 ? odd : windowOf(random);
      judge.judge({ tokens, novelLines: 0, score: undefined });
    }
    expect(judge.judgeGrowing({ tokens: odd, novelLines: 0 }).isAnomaly).toBe(false);
  });

  it('refuses a window of no line', () => {
    const nothing = { tokens: new Int32Array(0), novelLines: 0 };
    expect(() => detector().judgeGrowing(nothing)).toThrow(RangeError);
  });
});

describe('a window that grows before there is a model', () => {
  const untrained = (): UntrainedDetector => {
    const judge = UntrainedDetector.begin(0.01);
    const random = seeded(3);
    for (let count = 0; count < 300; count++) judge.judge(windowOf(random));
    return judge;
  };

  it('is at most as odd as when it is complete, and is not remembered', () => {
    const judge = untrained();
    const random = seeded(4);
    for (let count = 0; count < 100; count++) {
      const odd = [...windowOf(random)];
      odd.splice(Math.floor(random() * odd.length), random() < 0.5 ? 1 : 0, NEVER_SEEN);
      const tokens = Int32Array.from(odd);
      const whole = UntrainedDetector.restore(judge.snapshot(), 0.01).judge(tokens).pValue;
      for (let length = 1; length <= tokens.length; length++) {
        const { pValue } = judge.judgeGrowing(tokens.subarray(0, length));
        expect(pValue).toBeGreaterThanOrEqual(whole);
      }
    }
    expect(judge.snapshot()).toEqual(untrained().snapshot());
  });

  it('is flagged at a line that no other window has', () => {
    const judge = untrained();
    expect(judge.judgeGrowing(Int32Array.of(0, 1)).isAnomaly).toBe(false);
    expect(judge.judgeGrowing(Int32Array.of(0, 1, NEVER_SEEN))).toMatchObject({
      isAnomaly: true,
      missing: [],
      abnormalPositions: [2],
    });
  });
});
