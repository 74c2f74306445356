import { calibrate, ModelAlone } from '@logbert/detection';
import { describe, expect, it } from 'vitest';
import { reportOf } from './figures';
import { Panel } from './panel';
import { MODEL_ALONE, WITHOUT_MODEL } from './row-names';

const BUDGET = 0.02;

function modelAlone(): ModelAlone | undefined {
  const tokens = Int32Array.of(1, 2, 3);
  const calibration = Array.from({ length: 200 }, (_, index) => ({
    ...{ tokens, novelLines: 0 },
    score: {
      surprise: new Float32Array(3).fill((index % 10) / 20),
      entropy: new Float32Array(3).fill(0.3),
      distance: 0.1,
    },
  }));
  const training = calibration.map(() => tokens);
  return ModelAlone.restore(
    calibrate({ training, calibration, vocabularySize: 5, alertBudget: BUDGET }),
  );
}

const judgement = (isAnomaly: boolean) => ({
  ...{ isAnomaly, pValue: isAnomaly ? 0.001 : 0.5, statistic: 1 },
});
const item = (session: string, meanSurprise: number, whole: boolean, without: boolean) => ({
  ...{ session, tokens: Int32Array.of(1, 2, 3), novelLines: 0, reading: undefined },
  verdict: {
    ...judgement(whole),
    channels: [{ channel: 'surprise-mean', score: meanSurprise, pValue: 0.5 } as const],
  },
  withoutModel: judgement(without),
});
const LABELS = new Map([
  ['odd', true],
  ['usual', false],
]);

describe('Panel', () => {
  const panel = new Panel(BUDGET);
  const alone = modelAlone();
  panel.note(item('odd', 9, true, false), [], alone);
  panel.note(item('usual', 0.1, false, false), [], alone);
  const figures = panel.figures(LABELS);

  it('tells apart what the product, the model alone and all others without it find', () => {
    expect(figures['combined']).toMatchObject({ tpr: 1, fpr: 0 });
    expect(figures[MODEL_ALONE]).toMatchObject({ tpr: 1, fpr: 0 });
    expect(figures[WITHOUT_MODEL]).toMatchObject({ tpr: 0, fpr: 0 });
  });

  it('has what is decided without the model among the ablation', () => {
    expect(reportOf([figures])).toMatchObject({
      ablation: { [WITHOUT_MODEL]: figures[WITHOUT_MODEL] },
    });
  });

  it('has no row of what nobody judged', () => {
    const whole = new Panel(BUDGET);
    const { session, tokens, novelLines, verdict, reading } = item('odd', 9, true, false);
    whole.note({ session, tokens, novelLines, verdict, reading }, []);
    expect(Object.keys(whole.figures(LABELS))).toEqual(['combined', 'surprise-mean']);
  });
});
