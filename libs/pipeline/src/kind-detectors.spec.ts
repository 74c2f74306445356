import { calibrate } from '@logbert/detection';
import { describe, expect, it } from 'vitest';
import { KindDetectors } from './kind-detectors';

const options = { alertBudget: 0.001 };
const scored = (...tokens: number[]) => ({
  tokens: Int32Array.from(tokens),
  novelLines: 0,
  score: undefined,
});
const usual = (window: number) => (window % 2 === 0 ? [4, 5, 6] : [4, 5, 5, 6]);

function calibrated() {
  const windows = Array.from({ length: 600 }, (_, window) => usual(window));
  return calibrate({
    training: windows.map((tokens) => Int32Array.from(tokens)),
    calibration: windows.map((tokens) => scored(...tokens)),
    vocabularySize: 16,
    ...options,
  });
}

describe('KindDetectors', () => {
  const snapshot = {
    formatVersion: 1,
    judgedAs: {},
    detectors: { session: calibrated(), continuation: calibrated() },
  };

  it('counts windows unlike the training over all kinds, through a restart', () => {
    const first = KindDetectors.restore(snapshot, options);
    for (let window = 0; window < 400; window++) first.judge('session', scored(...usual(window)));
    expect(first.unlikeTrainingShare).toBeUndefined();

    const second = KindDetectors.restore(JSON.parse(JSON.stringify(first.snapshot())), options);
    for (let window = 0; window < 250; window++) second.judge('continuation', scored(4, 9, 9, 9));
    expect(second.unlikeTrainingShare).toBe(0.5);
  });
});
