import { calibrate, type ScoredWindow } from '@logbert/detection';
import { describe, expect, it } from 'vitest';
import { KindModelsAlone } from './kind-models-alone';

const BUDGET = 0.02;

/** Windows whose mean surprise is about so much. */
function windows(count: number, nats: number | undefined): ScoredWindow[] {
  return Array.from({ length: count }, (_, index) => ({
    tokens: Int32Array.of(1, 2, 3),
    novelLines: 0,
    score:
      nats === undefined
        ? undefined
        : {
            surprise: new Float32Array(3).fill(nats + (index % 10) / 20),
            entropy: new Float32Array(3).fill(0.3),
            distance: 0.1,
          },
  }));
}

const snapshotOf = (nats: number | undefined) =>
  calibrate({
    training: windows(200, undefined).map(({ tokens }) => tokens),
    calibration: windows(200, nats),
    vocabularySize: 5,
    alertBudget: BUDGET,
  });

describe('KindModelsAlone', () => {
  const calibration = (pieces: number | undefined) => ({
    judgedAs: { session: 'session', continuation: 'continuation', sliding: 'session' },
    detectors: { session: snapshotOf(0.1), continuation: snapshotOf(pieces) },
  });
  const isFlagged = (models: KindModelsAlone, kind: 'session' | 'continuation' | 'sliding') =>
    models.of(kind)?.judge([{ channel: 'surprise-mean', score: 2, pValue: 1 }], BUDGET).isAnomaly;

  it('judges each kind of window by the calibration of its own', () => {
    const models = KindModelsAlone.restore(calibration(2));
    expect(isFlagged(models, 'session')).toBe(true);
    expect(isFlagged(models, 'continuation')).toBe(false);
  });

  it('judges a kind that was too rare in training as the one that it is judged as', () => {
    expect(isFlagged(KindModelsAlone.restore(calibration(2)), 'sliding')).toBe(true);
  });

  it('has none where no model was calibrated', () => {
    expect(KindModelsAlone.restore(calibration(undefined)).of('continuation')).toBeUndefined();
  });
});
