import { describe, expect, it } from 'vitest';
import { calibrate } from './calibrate';
import { ConformalDetector } from './conformal-detector';
import { ModelAlone } from './model-alone';
import type { ScoredWindow } from './scored-window';

const BUDGET = 0.02;

function windows(count: number, withScore: boolean): ScoredWindow[] {
  return Array.from({ length: count }, (_, index) => ({
    tokens: Int32Array.from([1, 2, 3]),
    novelLines: 0,
    score: withScore
      ? {
          surprise: Float32Array.from([0.1, 0.2, 0.1 + (index % 10) / 20]),
          entropy: Float32Array.from([0.3, 0.3, 0.3]),
          distance: 0.1 + (index % 7) / 100,
        }
      : undefined,
  }));
}

function snapshotOf(withScore: boolean) {
  return calibrate({
    training: windows(200, false).map(({ tokens }) => tokens),
    calibration: windows(200, withScore),
    vocabularySize: 5,
    alertBudget: BUDGET,
  });
}

describe('ModelAlone', () => {
  const snapshot = snapshotOf(true);
  const detector = ConformalDetector.restore(snapshot, { alertBudget: BUDGET });
  const alone = ModelAlone.restore(snapshot);

  it('flags a line that the model finds surprising and nothing else does', () => {
    const [usual] = windows(1, true);
    if (!usual?.score || !alone) throw new Error('there is a model');
    const odd = { ...usual, score: { ...usual.score, surprise: Float32Array.from([0.1, 9, 0.1]) } };
    expect(alone.judge(detector.inspect(usual).channels, BUDGET).isAnomaly).toBe(false);
    expect(alone.judge(detector.inspect(odd).channels, BUDGET).isAnomaly).toBe(true);
  });

  it('flags a key that the model expects nowhere, and an end that it does not expect', () => {
    const withPresence = (window: ScoredWindow, presence: number, endSurprise: number) => ({
      ...window,
      score: window.score && {
        ...window.score,
        presence: Float32Array.of(0, presence, 0),
        endSurprise,
      },
    });
    const calibrated = calibrate({
      training: windows(200, false).map(({ tokens }) => tokens),
      calibration: windows(200, true).map((window, index) =>
        withPresence(window, 0.1, (index % 9) / 10),
      ),
      vocabularySize: 5,
      alertBudget: BUDGET,
    });
    const presenceDetector = ConformalDetector.restore(calibrated, { alertBudget: BUDGET });
    const own = ModelAlone.restore(calibrated);
    const [usual] = windows(1, true);
    if (!usual) throw new Error('there is a window');
    const isFlagged = (presence: number, end: number) =>
      own?.judge(presenceDetector.inspect(withPresence(usual, presence, end)).channels, BUDGET)
        .isAnomaly;
    expect([isFlagged(0.1, 0.5), isFlagged(9, 0.5), isFlagged(0.1, 9)]).toEqual([
      false,
      true,
      true,
    ]);
  });

  it('judges without that by a calibration that has none of it', () => {
    const [usual] = windows(1, true);
    if (!usual?.score || !alone) throw new Error('there is a model');
    const score = { ...usual.score, presence: Float32Array.of(9, 9, 9) };
    const { channels } = detector.inspect({ ...usual, score });
    expect(channels.map(({ channel }) => channel)).not.toContain('presence');
  });

  it('has no say about keys that are rare', () => {
    const [usual] = windows(1, true);
    if (!usual || !alone) throw new Error('there is a model');
    const rare = detector.inspect({ ...usual, tokens: Int32Array.from([1, 4, 3]) });
    expect(rare.isAnomaly).toBe(true);
    expect(alone.judge(rare.channels, BUDGET).isAnomaly).toBe(false);
  });

  it('is absent without a model', () => {
    expect(ModelAlone.restore(snapshotOf(false))).toBeUndefined();
    expect(alone?.judge([], BUDGET)).toEqual({ pValue: 1, statistic: 0, isAnomaly: false });
  });
});
